//! What a program's pages can ask of its backend.

mod browser;
mod cookie;
mod details;
mod error;
mod from_page;
mod headers;
mod query;
mod sign_in;

pub(crate) use self::{
    browser::{account, begin, callback, decide, link, link_page, members_only},
    cookie::SessionCookie,
    details::details,
    error::ApiError,
    from_page::FromPage,
    headers::protect,
    sign_in::{finish, session, sign_out, start},
};
