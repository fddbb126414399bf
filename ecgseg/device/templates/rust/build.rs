// Compiles the C code. Written by ecgseg. SPDX-License-Identifier: BSD-3-Clause
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=csrc");
    let mut build = cc::Build::new();
    build
        .files([
{% for source in sources %}            "csrc/{{ source }}",
{% endfor %}            "csrc/ecgseg_rust.c",
        ])
        .include("csrc")
        .opt_level(2)
        .warnings(true);
    if std::env::var_os("CARGO_FEATURE_BOARD").is_some() {
        build.file("csrc/board.c");
    }
    build.compile("ecgseg");

    // logf, sqrtf and roundf: hosted targets bring them, on bare metal they are the C compiler's
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("none") {
        for library in ["m", "c"] {
            let found = build
                .get_compiler()
                .to_command()
                .arg(format!("-print-file-name=lib{library}.a"))
                .output()
                .expect("the C compiler runs");
            let path = String::from_utf8(found.stdout).expect("a path in UTF-8");
            let folder = Path::new(path.trim()).parent().expect("a path with a folder");
            println!("cargo:rustc-link-search=native={}", folder.display());
            println!("cargo:rustc-link-lib=static={library}");
        }
    }
}
