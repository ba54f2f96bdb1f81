use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
    routing::get,
};
use rusqlite::{OptionalExtension as _, Row};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{account, members_page};
use crate::{
    database::AccountId,
    program::Program,
    web::{ApiError, FromPage},
};

pub(super) const SCHEMA: &str = "
    CREATE TABLE tea_order (
        id INTEGER PRIMARY KEY,
        account_id INTEGER NOT NULL REFERENCES account (id),
        tea TEXT NOT NULL,
        cups INTEGER NOT NULL,
        price INTEGER NOT NULL,
        ordered_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
    ) STRICT;
    CREATE INDEX tea_order_of_account ON tea_order (account_id, id DESC);";

/// The most cups in one order.
const MOST_CUPS: u8 = 9;
/// The most orders that a page lists.
const LISTED: u32 = 20;

/// A tea on the menu; `price` is for one cup, in yuan.
#[derive(Serialize)]
struct Tea {
    id: &'static str,
    price: i64,
}

const MENU: &[Tea] = &[
    Tea { id: "longjing", price: 28 },
    Tea { id: "tieguanyin", price: 32 },
    Tea { id: "puer", price: 36 },
    Tea { id: "jasmine", price: 24 },
];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    number: i64,
    tea: String,
    cups: i64,
    price: i64,
    ordered_at: String,
}

impl Order {
    const COLUMNS: &str = "id, tea, cups, price, ordered_at";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get(0)?,
            tea: row.get(1)?,
            cups: row.get(2)?,
            price: row.get(3)?,
            ordered_at: row.get(4)?,
        })
    }
}

#[derive(Deserialize)]
struct NewOrder {
    tea: String,
    cups: u8,
}

pub(super) fn routes() -> Router<Arc<Program>> {
    Router::new()
        .route("/orders", get(orders_page))
        .route("/orders/{number}", get(order_page))
        .route("/api/menu", get(menu))
        .route("/api/orders", get(orders).post(order))
        .route("/api/orders/{number}", get(one_order))
}

async fn orders_page(
    State(program): State<Arc<Program>>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, ApiError> {
    members_page(&program, &headers, &uri, async |_| Ok(())).await
}

async fn order_page(
    State(program): State<Arc<Program>>,
    Path(number): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, ApiError> {
    let check = async |account| own_order(&program, account, &number).await.map(|_| ());
    members_page(&program, &headers, &uri, check).await
}

/// One of the user's own orders. Somebody else's looks like none.
async fn one_order(
    State(program): State<Arc<Program>>,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let account = account(&program, &headers)?;
    Ok(Json(json!({ "order": own_order(&program, account, &number).await? })))
}

async fn own_order(program: &Program, account: AccountId, number: &str) -> Result<Order, ApiError> {
    let number: i64 = number.parse().map_err(|_| ApiError::NotYours)?;
    let columns = Order::COLUMNS;
    let sql = format!("SELECT {columns} FROM tea_order WHERE id = ?1 AND account_id = ?2");
    let order = program.database().run(move |connection| {
        connection.query_row(&sql, (number, account), Order::read).optional()
    });
    order.await?.ok_or(ApiError::NotYours)
}

async fn menu() -> Json<Value> {
    Json(json!({ "teas": MENU }))
}

async fn orders(
    State(program): State<Arc<Program>>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let account = account(&program, &headers)?;
    let columns = Order::COLUMNS;
    let sql = format!(
        "SELECT {columns} FROM tea_order WHERE account_id = ?1 ORDER BY id DESC LIMIT {LISTED}"
    );
    let orders = program.database().run(move |connection| {
        connection.prepare(&sql)?.query_map([account], Order::read)?.collect::<Result<Vec<_>, _>>()
    });
    Ok(Json(json!({ "orders": orders.await? })))
}

async fn order(
    State(program): State<Arc<Program>>,
    headers: HeaderMap,
    FromPage(asked): FromPage<NewOrder>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let account = account(&program, &headers)?;
    let tea = MENU.iter().find(|tea| tea.id == asked.tea).ok_or(ApiError::InvalidRequest)?;
    if !(1..=MOST_CUPS).contains(&asked.cups) {
        return Err(ApiError::InvalidRequest);
    }
    let price = tea.price * i64::from(asked.cups);
    let columns = Order::COLUMNS;
    let sql = format!(
        "INSERT INTO tea_order (account_id, tea, cups, price) VALUES (?1, ?2, ?3, ?4) RETURNING {columns}"
    );
    let order = program.database().run(move |connection| {
        connection.query_row(&sql, (account, tea.id, asked.cups, price), Order::read)
    });
    Ok((StatusCode::CREATED, Json(json!({ "order": order.await? }))))
}
