//! Drives the real router over a real loopback socket, as hosts and mini-programs do.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

mod account;
mod accounts;
mod at_rest;
mod attestation;
mod auth_time;
mod authorize;
mod browser_consent;
mod challenge;
mod client_authentication;
mod client_credentials;
mod code;
mod consent;
mod consent_races;
mod cors;
mod crash;
mod device;
mod device_evidence;
mod device_pages;
mod dialect;
mod dpop;
mod events;
mod external_login;
mod grants;
mod id_token;
mod introspection;
mod key_rotation;
mod lifecycle;
mod login;
mod metadata;
mod open_requests;
mod password;
mod password_throttling;
mod private_key_jwt;
mod proxies;
mod pushed;
mod refresh;
mod registry;
mod requests;
mod revocation;
mod scopes;
mod serving;
mod support;
mod throttling;
mod userinfo;
