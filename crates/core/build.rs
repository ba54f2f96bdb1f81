//! Makes the list of the languages in `locales/`, so that a language is added by adding a file.

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=locales");
    let mut languages = Vec::new();
    for file in fs::read_dir("locales")? {
        let name = file?.file_name();
        let language = name.to_str().and_then(|name| name.strip_suffix(".ftl"));
        languages.extend(language.map(str::to_owned));
    }
    languages.sort_by_key(|language| (language != "en", language.clone()));
    let text = |language: &String| {
        format!(
            r#"({language:?}, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/locales/{language}.ftl"))),"#
        )
    };
    let texts: String = languages.iter().map(text).collect();
    let list = format!("const LANGUAGES: &[(&str, &str)] = &[{texts}];");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("languages.rs"), list)?;
    Ok(())
}
