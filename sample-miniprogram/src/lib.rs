//! Sample mini-programs: a tea house and a cinema, each with pages and a backend of its own, and a
//! notebook that is nothing but a page.
//!
//! They show what a mini-program's developer writes: the backend makes the PKCE verifier and keeps
//! it, the page asks the host for a code over the bridge, and the backend redeems the code, reads
//! the user's details and keeps a session with its page. Opened outside a host, in a browser, the
//! same backend sends the user to the authorization server's own pages instead. Apart from HTTP they
//! share nothing with the host or the authorization server. The notebook's page is its own OAuth client.

mod assets;
mod config;
mod database;
mod local_path;
mod manifest;
mod notebook;
mod oauth;
mod origin;
mod program;
mod program_id;
mod random;
mod samples;
mod session;
mod trade;
mod web;

pub use config::{ClientSecret, Config, Customer, OpenError, ProgramConfig};
pub use notebook::{NOTEBOOK, NotebookConfig};
pub use program_id::{PROGRAMS, ProgramId};
pub use samples::SamplePrograms;
