//! What a message costs on the heap.
//!
//! Sizes are those that an allocator hands out, not those asked for: of a request for `n` bytes it
//! keeps the next of its size classes, eight between each two powers of two.

use serde_json::Value;
use std::mem::size_of;
use std::sync::Arc;
use victor_model::{Message, ToolCall};

/// The two counts of an [`Arc`].
const COUNTS: usize = 2 * size_of::<usize>();

/// What an allocation of `bytes` really takes; nothing for none.
pub(crate) fn block(bytes: usize) -> usize {
    if bytes <= 128 {
        return bytes.next_multiple_of(16);
    }
    let class = (bytes.next_power_of_two() / 16).max(16);
    bytes.next_multiple_of(class)
}

/// What an `Arc<T>` takes beside the pointer.
pub(crate) const fn shared<T>() -> usize {
    COUNTS + size_of::<T>()
}

/// What a shared message takes, its texts and tool calls included.
pub(crate) fn of_message(message: &Message) -> usize {
    let calls = message.tool_calls.iter().map(of_call).sum::<usize>();
    block(shared::<Message>())
        + block(message.content.capacity())
        + block(message.tool_calls.capacity() * size_of::<ToolCall>())
        + calls
        + message.tool_call_id.as_ref().map_or(0, |id| block(id.capacity()))
}

/// What a list of so many pointers to messages takes.
pub(crate) fn of_list(capacity: usize) -> usize {
    block(capacity * size_of::<Arc<Message>>())
}

fn of_call(call: &ToolCall) -> usize {
    block(call.id.capacity()) + block(call.name.capacity()) + of_json(&call.arguments)
}

/// What a JSON value holds on the heap. Objects are trees whose nodes have room for eleven entries
/// and are at least half full but for the only one.
fn of_json(value: &Value) -> usize {
    const NODE: usize = 11 * (size_of::<String>() + size_of::<Value>()) + 16;
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => block(text.capacity()),
        Value::Array(items) => {
            block(items.capacity() * size_of::<Value>()) + items.iter().map(of_json).sum::<usize>()
        }
        Value::Object(fields) => {
            let nodes = if fields.is_empty() { 0 } else { 1 + fields.len() / 11 };
            let held = |(key, value): (&String, &Value)| block(key.capacity()) + of_json(value);
            nodes * block(NODE) + fields.iter().map(held).sum::<usize>()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn blocks_are_never_smaller_and_at_most_an_eighth_larger() {
        assert_eq!(
            [0, 1, 16, 17, 128, 129, 256, 257].map(block),
            [0, 16, 16, 32, 128, 144, 256, 288]
        );
        for bytes in 129..10_000 {
            assert!(block(bytes) >= bytes && block(bytes) <= bytes + bytes / 8 + 16, "{bytes}");
        }
    }

    #[test]
    fn everything_a_message_holds_is_counted() {
        let plain = of_message(&Message::user(""));
        assert_eq!(plain, block(shared::<Message>()));
        assert_eq!(of_message(&Message::user("x".repeat(1000))), plain + 1024);
        assert_eq!(of_message(&Message::tool_result("c", "")), plain + 16);
        let call = |arguments| ToolCall { id: "c".into(), name: "ls".into(), arguments };
        let calling = |arguments| of_message(&Message::calling(vec![call(arguments)]));
        assert!(calling(json!({ "path": "x".repeat(500) })) >= calling(json!({})) + 500);
        assert!(calling(json!({})) >= plain + size_of::<ToolCall>() + 32);
    }
}
