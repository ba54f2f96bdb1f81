//! Answers that are there at once.

/// The answer to a message where it is there at once. In other languages its text is empty where it is not:
/// what reads an optional text in Swift takes longer than all the rest of a call.
pub struct ReplyNow(pub Option<String>);

uniffi::custom_type!(ReplyNow, String, {
    try_lift: |text| Ok(ReplyNow((!text.is_empty()).then_some(text))),
    lower: |reply| reply.0.unwrap_or_default(),
});
