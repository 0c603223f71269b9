//! Generated from `wit/`: one module per world. The worlds share the types of the first, so that a
//! `Task` is a `Task` whatever the author exports.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    reason = "generated code; the documentation is in wit/holobiont.wit"
)]

pub mod candidate {
    wit_bindgen::generate!({
        path: "../wit",
        world: "candidate",
        pub_export_macro: true,
        export_macro_name: "export_candidate",
        default_bindings_module: "holobiont_guest::bindings::candidate",
        additional_derives: [PartialEq],
    });
}

pub mod pipeline {
    wit_bindgen::generate!({
        path: "../wit",
        world: "automation-pipeline",
        pub_export_macro: true,
        export_macro_name: "export_pipeline",
        default_bindings_module: "holobiont_guest::bindings::pipeline",
        additional_derives: [PartialEq],
        with: {
            "holobiont:plugin/types@0.1.0": crate::bindings::candidate::holobiont::plugin::types,
            "holobiont:plugin/telemetry@0.1.0": crate::bindings::candidate::holobiont::plugin::telemetry,
            "holobiont:plugin/workspace@0.1.0": crate::bindings::candidate::holobiont::plugin::workspace,
            "holobiont:plugin/accelerator@0.1.0": crate::bindings::candidate::holobiont::plugin::accelerator,
        },
    });
}

pub mod scorer {
    wit_bindgen::generate!({
        path: "../wit",
        world: "scorer-plugin",
        pub_export_macro: true,
        export_macro_name: "export_scorer",
        default_bindings_module: "holobiont_guest::bindings::scorer",
        with: {
            "holobiont:plugin/types@0.1.0": crate::bindings::candidate::holobiont::plugin::types,
            "holobiont:plugin/telemetry@0.1.0": crate::bindings::candidate::holobiont::plugin::telemetry,
        },
    });
}

pub mod patcher {
    wit_bindgen::generate!({
        path: "../wit",
        world: "patcher-plugin",
        pub_export_macro: true,
        export_macro_name: "export_patcher",
        default_bindings_module: "holobiont_guest::bindings::patcher",
        additional_derives: [PartialEq],
        with: {
            "holobiont:plugin/types@0.1.0": crate::bindings::candidate::holobiont::plugin::types,
            "holobiont:plugin/telemetry@0.1.0": crate::bindings::candidate::holobiont::plugin::telemetry,
        },
    });
}
