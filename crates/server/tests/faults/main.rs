//! Every fault seen from outside and laid beside the truth log.

#[path = "../server/client.rs"]
mod client;
#[path = "../server/running.rs"]
#[expect(dead_code, reason = "shared with the other areas")]
mod running;

mod admin;
mod hang_ups;
mod history;
mod load;
mod none;
mod pauses;
mod slowness;
mod streams;
