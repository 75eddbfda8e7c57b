//! Goose at the work of the benchmarks: one transaction, body read and judged by its status.

use goose::prelude::*;
use std::sync::LazyLock;

static BODY: LazyLock<String> = LazyLock::new(|| std::env::var("BODY").unwrap_or_default());

async fn chat(user: &mut GooseUser) -> TransactionResult {
    let request = user
        .get_request_builder(&GooseMethod::Post, "/api/v1/chat")?
        .header("content-type", "application/json")
        .body(BODY.as_str());
    let request = GooseRequest::builder().set_request_builder(request).build();
    if let Ok(response) = user.request(request).await?.response {
        response.bytes().await?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), GooseError> {
    let metrics = GooseAttack::initialize()?
        .register_scenario(scenario!("Chat").register_transaction(transaction!(chat)))
        .execute()
        .await?;
    let answered: usize = metrics.requests.values().map(|request| request.success_count).sum();
    println!("answered {answered}");
    Ok(())
}
