//! Makes sure that the folders which are embedded exist, and embeds them anew when they change.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for folder in ["web/dist", "styles"] {
        let path = root.join(folder);
        std::fs::create_dir_all(&path)?;
        println!("cargo::rerun-if-changed={}", path.display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}
