//! Generates the Kotlin and Swift sources of this crate's library.

fn main() {
    uniffi::uniffi_bindgen_main();
}
