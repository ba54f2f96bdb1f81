//! Every history in `tests/vectors` goes as it is written there.

use std::{fs, path::Path};

use minihost_testkit::transcript::{Transcript, play};

#[test]
fn every_transcript_plays_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors");
    let mut played = 0;
    let mut faults = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let transcripts: Vec<Transcript> = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for transcript in transcripts {
            played += 1;
            faults.extend(
                play(&transcript).err().map(|fault| {
                    format!("{}: {fault}", path.file_name().unwrap().to_string_lossy())
                }),
            );
        }
    }
    assert!(played > 0, "there is no transcript");
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}
