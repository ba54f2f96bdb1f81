//! Users, each of one test.

use std::sync::atomic::{AtomicU32, Ordering};

use minihost_authorization_server::{ClientSecret, Password, Registry, UserRegistration};
use serde::Serialize;

use crate::failure::Failure;

/// A user with details in every scope.
#[derive(Serialize, Clone)]
pub struct User {
    /// What the user signs in with; also the `preferred_username`.
    pub username: String,
    /// The password, in clear.
    pub password: String,
    /// The address; it is verified.
    pub email: String,
    /// The telephone number.
    pub phone_number: String,
}

impl User {
    pub(crate) async fn create(registry: &Registry) -> Result<Self, Failure> {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let username = format!("user-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let user = Self {
            email: format!("{username}@mail.example"),
            phone_number: "+15550100".to_owned(),
            password: ClientSecret::generate()?.expose().to_owned(),
            username,
        };
        let registration = UserRegistration {
            username: user.username.clone(),
            password: Password::new(user.password.clone()),
            preferred_username: user.username.clone(),
            email: Some(user.email.clone()),
            email_verified: true,
            phone_number: Some(user.phone_number.clone()),
        };
        registry.put_user(registration).await?;
        Ok(user)
    }
}
