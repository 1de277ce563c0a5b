//! Who is kept out, and letting them in.

use std::net::IpAddr;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use centrale_call_control::Command;
use centrale_store::BlockChange;

use crate::body::{Block, Blocks};
use crate::clock;
use crate::edge::{Edge, Wish, blocking};
use crate::problem::Refused;

/// Addresses whose packets are not taken, the newest block first: the thousand that end last.
#[utoipa::path(get, path = "/api/v1/guard/blocks", responses((status = 200, description = "The blocks", body = Blocks)))]
pub(super) async fn blocks(State(edge): State<Edge>) -> Result<Json<Blocks>, Refused> {
    let store = edge.0.store.clone();
    let blocks = blocking(move || store.blocks(clock::unix_ms())).await?;
    Ok(Json(Blocks { blocks: blocks.into_iter().map(Block::from).collect() }))
}

/// Ends every block of an address. Whoever goes on as before is blocked again.
#[utoipa::path(delete, path = "/api/v1/guard/blocks/{address}",
    params(("address" = String, Path, description = "IPv4 or IPv6 address")),
    responses((status = 204, description = "Its packets are taken again")))]
pub(super) async fn lift_block(State(edge): State<Edge>, Path(address): Path<String>) -> Result<StatusCode, Refused> {
    let source: IpAddr = address.parse().map_err(|_| Refused::not_found())?;
    let store = edge.0.store.clone();
    let now = clock::unix_ms();
    // Whether or not it is written down: a disk that was busy, or thousands of blocks, leave some out.
    blocking(move || store.change_blocks(now, &[BlockChange::Lifted(source)])).await?;
    edge.wish(Wish::Command(Command::Lift(source))).await;
    Ok(StatusCode::NO_CONTENT)
}
