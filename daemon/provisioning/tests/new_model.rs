//! A model that nobody wrote Rust for: its manifest and template lie in a folder, and its phone is set up.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test reads and writes files, and fails by panic")]

mod kit;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use centrale_provisioning::{Catalogue, CatalogueError};
use kit::{Bench, Settings, TestPhone};

const MANIFEST: &str = r#"
[files]
bootstrap = "yealink/desk/bootstrap.cfg.jinja"
boot = "yealink/desk/boot.cfg.jinja"
waiting = "yealink/desk/waiting.cfg.jinja"
phone = "yealink/t9x/phone.cfg.jinja"

[common]
certificate = "unique"
tls = true
srtp = false

[[model]]
name = "T99X"
aliases = ["T99"]
accounts = 2
line_keys = 4
physical_line_keys = 4
display = "a new one"
codecs = ["pcma"]
"#;

const TEMPLATE: &str = r#"#!version:1.0.0.1
static.auto_provision.server.url = {{ provisioning.url }}
account.1.enable = 1
account.1.display_name = {{ account.display_name }}
account.1.auth_name = {{ account.username }}
account.1.password = {{ account.password }}
{% for key in keys %}
linekey.{{ loop.index }}.label = {{ key.label }}
{% endfor %}
"#;

/// What the box does with a folder given to it: every file, by its path from there.
fn read_folder(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_folder(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

fn overlay(write: &[(&str, &str)]) -> Result<Catalogue, CatalogueError> {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in write {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut files = Vec::new();
    read_folder(folder.path(), folder.path(), &mut files);
    Catalogue::with_overlay(files)
}

#[test]
fn a_manifest_and_a_template_in_a_folder_set_up_a_phone_of_a_new_model() {
    let catalogue =
        overlay(&[("yealink/t9x/manifest.toml", MANIFEST), ("yealink/t9x/phone.cfg.jinja", TEMPLATE)]).unwrap();
    let mut bench = Bench::with_catalogue(Arc::new(catalogue));
    bench.open_window();
    let phone = TestPhone::yealink("T99", 20);
    let settings = bench.enrol(&phone, "201");
    assert_eq!(settings.value("account.1.display_name"), Some("Anna Jansen"));
    assert_eq!(settings.value("linekey.4.label"), Some("Parkeren 1"));
    assert_eq!(bench.enrolment.devices()[0].model, "T99X", "an alias is written as the model's name");
    assert!(
        bench.enrol(&TestPhone::yealink("T46S", 21), "202").password().is_some(),
        "the shipped models are still there"
    );
}

#[test]
fn the_example_of_the_readme_sets_up_a_phone_as_it_stands_there() {
    let readme = fs::read_to_string(kit::templates().join("README.md")).unwrap();
    let mut examples = readme.split("```toml\n").skip(1).filter_map(|part| part.split("```").next());
    let example = examples.find(|example| example.contains("[files]")).unwrap();
    let catalogue = overlay(&[("yealink/t47x/manifest.toml", example)]).unwrap();
    catalogue.try_out().unwrap();
    let mut bench = Bench::with_catalogue(Arc::new(catalogue));
    bench.open_window();
    let settings = bench.enrol(&TestPhone::yealink("T47", 20), "201");
    assert_eq!(settings.value("account.16.enable"), Some("0"));
    assert_eq!(settings.value("linekey.27.type"), Some("0"));
}

const NEW_BASE: &str = r#"
[files]
bootstrap = "yealink/base/bootstrap.cfg.jinja"
boot = "yealink/desk/boot.cfg.jinja"
waiting = "yealink/base/waiting.cfg.jinja"
phone = "yealink/base/phone.cfg.jinja"

[[model]]
name = "W99B"
aliases = ["W99P"]
handsets = ["W99H"]
accounts = 3
line_keys = 0
physical_line_keys = 0
pages = 0
display = "none"
codecs = ["pcma"]
certificate = "unique"
tls = true
srtp = false
"#;

#[test]
fn a_new_base_needs_no_more_than_a_manifest() {
    let mut bench = Bench::with_catalogue(Arc::new(overlay(&[("yealink/w9x/manifest.toml", NEW_BASE)]).unwrap()));
    bench.open_window();
    let base = TestPhone::yealink("W99P", 20);
    let first = bench.enrol(&base, "201");
    bench.adopt(base.mac, "202");
    let settings = bench.read_settings(&base, first.server()).unwrap();
    let on: Vec<&str> = (1..=3).filter_map(|number| settings.value(&format!("account.{number}.enable"))).collect();
    assert_eq!(on, ["1", "1", "0"], "two handsets of the three it can have");
    assert_eq!(settings.value("account.2.user_name"), Some("202"));
    assert_eq!(settings.value("account.2.codec.g722.enable"), Some("0"), "it has no wideband");
}

const NEW_SNOM: &str = r#"
[files]
bootstrap = "snom/d7xx/bootstrap.xml.jinja"
waiting = "snom/d7xx/waiting.xml.jinja"
phone = "snom/d7xx/phone.xml.jinja"

[[model]]
name = "D999"
accounts = 2
line_keys = 2
physical_line_keys = 2
expansion = "D9"
modules = 2
module_keys = 3
display = "a new one"
codecs = ["g722", "pcma"]
certificate = "unique"
tls = true
srtp = true
"#;

#[test]
fn a_new_phone_with_modules_has_its_keys_laid_out_on_them() {
    let mut bench = Bench::with_catalogue(Arc::new(overlay(&[("snom/d9xx/manifest.toml", NEW_SNOM)]).unwrap()));
    bench.open_window();
    let phone = TestPhone::snom("D999", 20);
    let alone = bench.enrol(&phone, "201");
    let keys = |settings: &Settings| -> Vec<String> {
        (0..9).map_while(|key| settings.value(&format!("fkey#{key}")).map(str::to_owned)).collect()
    };
    assert_eq!(keys(&alone), ["line", "blf 202|*8", "none", "none", "none", "none", "none", "none"]);
    // More are plugged in than it can carry.
    bench.office.phones[0].modules = 6;
    bench.settle();
    let settings = bench.read_settings(&phone, alone.server()).unwrap();
    let colleagues = ["line", "blf 202|*8", "blf 203|*8", "blf 250|*8", "speed *8"];
    let places = ["blf 701|*8", "blf 702|*8", "speed *97"];
    assert_eq!(keys(&settings), [&colleagues[..], &places].concat());
}

#[test]
fn a_file_of_the_same_path_replaces_the_shipped_one() {
    let changed = overlay(&[("yealink/desk/phone.cfg.jinja", TEMPLATE)]).unwrap();
    let mut bench = Bench::with_catalogue(Arc::new(changed));
    bench.open_window();
    assert_eq!(bench.enrol(&TestPhone::yealink("T46S", 20), "201").value("sip.notify_reboot_enable"), None);
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_path_and_its_line() {
    let model = MANIFEST.replace("accounts = 2", "acounts = 2");
    let twice = MANIFEST.replace("T99X", "T46S");
    let elsewhere = MANIFEST.replace("yealink/t9x/phone", "yealink/t9x/gone");
    let words = MANIFEST.replace("accounts = 2", "accounts = \"two\"");
    let in_common = MANIFEST.replace("tls = true", "tls = 1");
    let missing = MANIFEST.replace("accounts = 2\n", "");
    let no_toml = MANIFEST.replace("[common]", "[common");
    let table: [(&str, &str, &str); 11] = [
        ("yealink/t9x/manifest.toml", &model, "line 16: unknown field `acounts`"),
        ("yealink/t9x/manifest.toml", &words, "line 16: invalid type: string"),
        ("yealink/t9x/manifest.toml", &in_common, "line 10: invalid type: integer"),
        ("yealink/t9x/manifest.toml", &missing, "line 13: missing field `accounts`"),
        ("yealink/t9x/manifest.toml", &no_toml, "line 8: "),
        ("yealink/t9x/manifest.toml", &twice, "line 13: another model is already called T46S"),
        ("yealink/t9x/manifest.toml", &elsewhere, "line 6: there is no template yealink/t9x/gone.cfg.jinja"),
        ("nobody/t9x/manifest.toml", MANIFEST, "there is no nobody/vendor.toml"),
        ("yealink/t9x/phone.txt.jinja", TEMPLATE, "ends in .cfg.jinja or .xml.jinja"),
        ("yealink/t9x/phone.cfg.jinja", "a\n{% for %}", "line 2"),
        (
            "other/vendor.toml",
            "name = \"x\"\ndialect = \"snom\"\npnp_names = []\nouis = [\"00:15\"]\n[words]\ntime_zone = {}\ntones = {}\nlanguage = {}",
            "line 4: \"00:15\"",
        ),
    ];
    for (path, text, expected) in table {
        let mut files = vec![(path, text)];
        if path.ends_with("manifest.toml") {
            files.push(("yealink/t9x/phone.cfg.jinja", TEMPLATE));
        }
        let said = overlay(&files).unwrap_err().to_string();
        assert!(said.starts_with(path) && said.contains(expected), "{said}");
    }
}

#[test]
fn the_shipped_templates_make_every_file_of_every_model() {
    Catalogue::embedded().unwrap().try_out().unwrap();
}

#[test]
fn a_template_that_would_make_no_file_is_found_before_a_phone_asks() {
    let tried = |template: &str| {
        let files = [("yealink/t9x/manifest.toml", MANIFEST), ("yealink/t9x/phone.cfg.jinja", template)];
        overlay(&files).unwrap().try_out().map_err(|fault| fault.to_string())
    };
    assert_eq!(tried(TEMPLATE), Ok(()));
    let no_such_value = TEMPLATE.replace("account.username", "account.nickname");
    let fault = "yealink/t9x/phone.cfg.jinja, line 5: undefined value (for a T99X)";
    assert_eq!(tried(&no_such_value), Err(fault.to_owned()));
    let only_sometimes = format!("{TEMPLATE}{{% if office.vlan %}}\n{{{{ office.van }}}}\n{{% endif %}}\n");
    let fault = "yealink/t9x/phone.cfg.jinja, line 11: undefined value (for a T99X)";
    assert_eq!(tried(&only_sometimes), Err(fault.to_owned()), "also where no office of the tests would see it");
}

#[test]
fn a_template_that_cannot_be_written_names_its_place_and_no_value() {
    let broken = TEMPLATE.replace("{{ account.display_name }}", "{{ account.password }}{{ account.nickname }}");
    let catalogue = overlay(&[("yealink/desk/phone.cfg.jinja", &broken)]).unwrap();
    let mut bench = Bench::with_catalogue(Arc::new(catalogue));
    bench.tolerate_template_faults = true;
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    let waiting = bench.boot(&phone).unwrap();
    bench.adopt(phone.mac, "201");
    assert_eq!(bench.read_settings(&phone, waiting.server()), None);
    let said = bench.look().into_iter().find_map(|effect| match effect {
        centrale_provisioning::enrolment::Effect::TemplateFault(fault) => Some(fault.to_string()),
        _ => None,
    });
    assert_eq!(said.as_deref(), Some("yealink/desk/phone.cfg.jinja, line 4: undefined value"));
    assert_eq!(bench.refused("template-fault"), 1);
}
