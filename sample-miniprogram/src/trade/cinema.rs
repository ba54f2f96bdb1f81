use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
    routing::{get, post},
};
use rusqlite::{OptionalExtension as _, TransactionBehavior};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{account, members_page};
use crate::{
    database::AccountId,
    program::Program,
    web::{ApiError, FromPage},
};

pub(super) const SCHEMA: &str = "
    CREATE TABLE booking (
        screening TEXT NOT NULL,
        seat TEXT NOT NULL,
        account_id INTEGER NOT NULL REFERENCES account (id),
        booked_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
        PRIMARY KEY (screening, seat)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX booking_of_account ON booking (account_id);";

const ROWS: [char; 5] = ['A', 'B', 'C', 'D', 'E'];
const SEATS_IN_ROW: u32 = 8;
/// The most seats of one user in one screening.
const MOST_SEATS: i64 = 6;

/// Tonight's screenings; `price` is for one seat, in yuan.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Screening {
    id: &'static str,
    starts_at: &'static str,
    price: i64,
}

const SCREENINGS: &[Screening] = &[
    Screening { id: "moonlight", starts_at: "18:30", price: 58 },
    Screening { id: "lighthouse", starts_at: "20:15", price: 68 },
    Screening { id: "orbit", starts_at: "22:00", price: 62 },
];

/// A seat of the room, such as `C4`.
struct Seat(String);

impl Seat {
    fn parse(text: String) -> Option<Self> {
        let mut characters = text.chars();
        let row = characters.next()?;
        let number: u32 = characters.as_str().parse().ok()?;
        let exists = ROWS.contains(&row) && (1..=SEATS_IN_ROW).contains(&number);
        // The one spelling of it, or the same seat could be booked twice.
        (exists && text == format!("{row}{number}")).then_some(Self(text))
    }
}

/// What became of a booking.
enum Booked {
    Done,
    Taken,
    TooMany,
}

#[derive(Deserialize)]
struct NewBooking {
    screening: String,
    seat: String,
}

pub(super) fn routes() -> Router<Arc<Program>> {
    Router::new()
        .route("/tickets", get(tickets_page))
        .route("/tickets/{ticket}", get(ticket_page))
        .route("/api/tickets", get(tickets))
        .route("/api/tickets/{ticket}", get(one_ticket))
        .route("/api/screenings", get(screenings))
        .route("/api/bookings", post(book))
}

async fn tickets_page(
    State(program): State<Arc<Program>>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, ApiError> {
    members_page(&program, &headers, &uri, async |_| Ok(())).await
}

async fn ticket_page(
    State(program): State<Arc<Program>>,
    Path(ticket): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, ApiError> {
    let check = async |account| own_ticket(&program, account, &ticket).await.map(|_| ());
    members_page(&program, &headers, &uri, check).await
}

/// The user's own tickets.
async fn tickets(
    State(program): State<Arc<Program>>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let account = account(&program, &headers)?;
    let found = program.database().run(move |connection| {
        connection
            .prepare("SELECT screening, seat FROM booking WHERE account_id = ?1 ORDER BY booked_at, seat")?
            .query_map([account], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<Vec<(String, String)>, _>>()
    });
    let tickets: Vec<Value> = found
        .await?
        .into_iter()
        .filter_map(|(screening, seat)| ticket(&screening, &seat))
        .collect();
    Ok(Json(json!({ "tickets": tickets })))
}

/// One of the user's own tickets. Somebody else's looks like none.
async fn one_ticket(
    State(program): State<Arc<Program>>,
    Path(ticket): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let account = account(&program, &headers)?;
    Ok(Json(json!({ "ticket": own_ticket(&program, account, &ticket).await? })))
}

/// A ticket is named by screening and seat, such as `moonlight-C4`.
async fn own_ticket(program: &Program, account: AccountId, name: &str) -> Result<Value, ApiError> {
    let (screening, seat) = name.split_once('-').ok_or(ApiError::NotYours)?;
    let key = (screening.to_owned(), seat.to_owned(), account);
    let is_own = program.database().run(move |connection| {
        connection
            .prepare(
                "SELECT 1 FROM booking WHERE screening = ?1 AND seat = ?2 AND account_id = ?3",
            )?
            .exists(key)
    });
    let own = is_own.await?.then(|| ticket(screening, seat)).flatten();
    own.ok_or(ApiError::NotYours)
}

fn ticket(screening: &str, seat: &str) -> Option<Value> {
    let screening = SCREENINGS.iter().find(|known| known.id == screening)?;
    Some(json!({ "screening": screening, "seat": seat }))
}

/// The screenings, with the seats that are taken; the signed-in user's own apart from the others'.
async fn screenings(
    State(program): State<Arc<Program>>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let user = account(&program, &headers).ok();
    let booked = program.database().run(move |connection| {
        connection
            .prepare("SELECT screening, seat, account_id IS ?1 FROM booking ORDER BY seat")?
            .query_map([user], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<Vec<(String, String, bool)>, _>>()
    });
    let mut seats: BTreeMap<(String, bool), Vec<String>> = BTreeMap::new();
    for (screening, seat, is_own) in booked.await? {
        seats.entry((screening, is_own)).or_default().push(seat);
    }
    let mut of = |screening: &Screening, is_own| {
        seats.remove(&(screening.id.to_owned(), is_own)).unwrap_or_default()
    };
    let screenings: Vec<Value> = SCREENINGS
        .iter()
        .map(|screening| json!({"screening": screening, "taken": of(screening, false), "own": of(screening, true)}))
        .collect();
    Ok(Json(json!({ "rows": ROWS, "seatsInRow": SEATS_IN_ROW, "screenings": screenings })))
}

async fn book(
    State(program): State<Arc<Program>>,
    headers: HeaderMap,
    FromPage(asked): FromPage<NewBooking>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let account = account(&program, &headers)?;
    let screening = SCREENINGS.iter().find(|known| known.id == asked.screening);
    let screening = screening.ok_or(ApiError::InvalidRequest)?.id;
    let Seat(seat) = Seat::parse(asked.seat).ok_or(ApiError::InvalidRequest)?;
    let told = json!({ "screening": screening, "seat": seat });
    match reserve(&program, account, screening, seat).await? {
        Booked::Done => Ok((StatusCode::CREATED, Json(told))),
        Booked::Taken => Err(ApiError::SeatTaken),
        Booked::TooMany => Err(ApiError::TooManySeats),
    }
}

async fn reserve(
    program: &Program,
    account: AccountId,
    screening: &'static str,
    seat: String,
) -> rusqlite::Result<Booked> {
    let work = move |connection: &mut rusqlite::Connection| {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let held: i64 = transaction.query_row(
            "SELECT count(*) FROM booking WHERE account_id = ?1 AND screening = ?2",
            (account, screening),
            |row| row.get(0),
        )?;
        if held >= MOST_SEATS {
            return Ok(Booked::TooMany);
        }
        let booked = transaction
            .query_row(
                "INSERT INTO booking (screening, seat, account_id) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO NOTHING RETURNING 1",
                (screening, &seat, account),
                |_| Ok(()),
            )
            .optional()?;
        transaction.commit()?;
        Ok(if booked.is_some() { Booked::Done } else { Booked::Taken })
    };
    program.database().run(work).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_has_one_spelling() {
        let exists = |text: &str| Seat::parse(text.to_owned()).is_some();
        assert!(exists("A1") && exists("E8"));
        for text in ["", "A", "A0", "A9", "F1", "a1", "A01", "A+1", "1A", "A1 ", "Ä1"] {
            assert!(!exists(text), "{text}");
        }
    }
}
