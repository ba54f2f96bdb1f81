//! `user`: registering users.

use std::io::{self, IsTerminal as _, Read as _};

use clap::{Args, Subcommand};
use minihost_authorization_server::{ClientSecret, Password, UserRegistration};
use serde_json::json;
use zeroize::Zeroizing;

use super::output::{say, say_once};
use super::{ConfigFile, Failure, with_existing};

const MIN_PASSWORD: usize = 8;

/// Register users.
#[derive(Subcommand)]
pub(super) enum User {
    /// Register a user, asking for a password on the terminal.
    Add(Add),
}

#[derive(Args)]
pub(super) struct Add {
    /// What the user signs in with.
    username: String,

    /// Read the password from standard input; one line end after it does not count.
    #[arg(long, conflicts_with = "generate")]
    password_stdin: bool,

    /// Make a random password and show it once.
    #[arg(long)]
    generate: bool,

    /// The claim preferred_username; the username when it is not given.
    #[arg(long, value_name = "NAME")]
    preferred_username: Option<String>,

    /// The claim email.
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,

    /// The address is known to be the user's (the claim email_verified).
    #[arg(long, requires = "email")]
    email_verified: bool,

    /// The claim phone_number.
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,

    /// Replace password and claims of a user who is registered, and end their sessions and tokens;
    /// open_id and grants stay.
    #[arg(long)]
    replace: bool,

    /// With --replace: let sessions and tokens go on.
    #[arg(long, requires = "replace")]
    keep_tokens: bool,

    /// Answer with one line of JSON.
    #[arg(long)]
    json: bool,
}

impl User {
    pub(super) async fn run(self, config: &ConfigFile) -> Result<(), Failure> {
        let Self::Add(add) = self;
        with_existing(config, async |registry| {
            if !add.replace && registry.has_user(&add.username).await? {
                return Err(Failure::UserExists(add.username.clone()));
            }
            let (password, made) = add.password()?;
            let mut user = UserRegistration::new(&add.username, password);
            if let Some(name) = &add.preferred_username {
                user.preferred_username.clone_from(name);
            }
            user.email.clone_from(&add.email);
            user.email_verified = add.email_verified;
            user.phone_number.clone_from(&add.phone);
            if add.replace && !add.keep_tokens {
                registry.replace_user(user).await?;
            } else {
                registry.put_user(user).await?;
            }
            add.tell(made.as_ref())
        })
        .await
    }
}

impl Add {
    /// The password, and the same to be shown when it was made here.
    fn password(&self) -> Result<(Password, Option<ClientSecret>), Failure> {
        if self.generate {
            let made = ClientSecret::generate()?;
            return Ok((Password::new(made.expose()), Some(made)));
        }
        let text = if self.password_stdin { from_standard_input()? } else { from_terminal()? };
        if text.chars().count() < MIN_PASSWORD {
            return Err(Failure::ShortPassword);
        }
        Ok((Password::new(text.as_str()), None))
    }

    fn tell(&self, made: Option<&ClientSecret>) -> Result<(), Failure> {
        let username = &self.username;
        let Some(made) = made else {
            return match self.json {
                true => say(json!({ "username": username })),
                false => say(format_args!("The user {username} is registered.")),
            };
        };
        let password = made.expose();
        let again = format!("`user add {username} --replace --generate` gives another password");
        match self.json {
            true => say_once(json!({ "username": username, "password": password }), again),
            false => say_once(
                format_args!(
                    "The user {username} is registered.\nThe password, not shown again: {password}"
                ),
                again,
            ),
        }
    }
}

fn from_standard_input() -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    io::stdin().read_to_string(&mut text).map_err(Failure::Password)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Zeroizing::new(line.strip_suffix('\r').unwrap_or(line).to_owned()))
}

fn from_terminal() -> Result<Zeroizing<String>, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::NoTerminal);
    }
    let ask = |prompt| rpassword::prompt_password(prompt).map(Zeroizing::new);
    let first = ask("Password: ").map_err(Failure::Password)?;
    let second = ask("The same again: ").map_err(Failure::Password)?;
    if first == second { Ok(first) } else { Err(Failure::PasswordsDiffer) }
}
