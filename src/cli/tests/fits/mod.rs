//! Whether what is written is a document of its type and of its schema.

use dhcpfo_documents::SCHEMAS;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Asserts that a text is a document `name`: it has the type `T`, which has no key less than the text, and the schema has no key
/// less either.
pub(crate) fn fits<T: Serialize + DeserializeOwned>(name: &str, text: &str) -> Value {
    let value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}: {text}"));
    let read: T = serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}: {text}"));
    let mut again = serde_json::to_value(&read).expect("a document");
    // Nobody has to tell the kind of a document again to read it.
    again.sort_all_objects();
    let mut sorted = value.clone();
    sorted.sort_all_objects();
    assert_eq!(again, sorted, "{name}: something is lost");
    let schema = SCHEMAS.iter().find(|document| document.name == name).expect("a schema of that name").schema();
    if let Err(why) = suits(&schema, &schema, &value) {
        panic!("{name}: not of its schema: {why}\n{value:#}");
    }
    value
}

/// The same of a header or document that says what it is.
pub(crate) fn says<T: Serialize + DeserializeOwned>(name: &str, text: &str, format: dhcpfo_documents::Format) {
    let value = fits::<T>(name, text);
    assert_eq!((&value["kind"], &value["version"]), (&format.kind.into(), &format.version.into()), "{name}");
}

/// Whether a value is of a schema, as far as schemars makes some; and whether the schema knows each of its keys.
fn suits(root: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    if let Some(place) = schema["$ref"].as_str() {
        let place = place.trim_start_matches('#');
        suits(root, root.pointer(place).ok_or_else(|| format!("no {place}"))?, value)?;
    }
    for any in ["anyOf", "oneOf"] {
        if let Some(all) = schema[any].as_array() {
            let tried: Vec<_> = all.iter().map(|one| suits(root, one, value)).collect();
            if tried.iter().all(Result::is_err) {
                return Err(format!("none of {any} for {value}: {tried:?}"));
            }
        }
    }
    let is = |kind: &Value| match kind.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        _ => false,
    };
    let fits = match &schema["type"] {
        Value::Null => true,
        Value::Array(kinds) => kinds.iter().any(is),
        kind => is(kind),
    };
    let constant = schema.get("const").is_none_or(|constant| constant == value);
    let listed = schema["enum"].as_array().is_none_or(|all| all.contains(value));
    if !(fits && constant && listed) {
        return Err(format!("{value} is not {schema}"));
    }
    for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        value.get(key).ok_or_else(|| format!("without \"{key}\""))?;
    }
    for (key, part) in schema["properties"].as_object().into_iter().flatten() {
        value.get(key).map_or(Ok(()), |value| suits(root, part, value).map_err(|why| format!("{key}: {why}")))?;
    }
    for (number, part) in schema["prefixItems"].as_array().into_iter().flatten().enumerate() {
        suits(root, part, value.get(number).unwrap_or(&Value::Null))?;
    }
    if schema["items"].is_object() {
        value.as_array().into_iter().flatten().try_for_each(|item| suits(root, &schema["items"], item))?;
    }
    if schema["additionalProperties"].is_object() {
        let other = |(key, _): &(&String, &Value)| schema["properties"].get(key.as_str()).is_none();
        let others = value.as_object().into_iter().flatten().filter(other);
        others.into_iter().try_for_each(|(_, value)| suits(root, &schema["additionalProperties"], value))?;
    }
    Ok(())
}

#[test]
fn what_does_not_suit_is_told() {
    let schema = dhcpfo_documents::SCHEMAS.iter().find(|one| one.name == "recording").expect("a schema").schema();
    let tried = |text: &str| suits(&schema, &schema, &serde_json::from_str(text).expect("JSON"));
    let header = r#"{"line":"recording-header","kind":"dhcpfo-recording","version":1,"title":"x"}"#;
    assert_eq!(tried(header), Ok(()));
    for (from, to) in [("dhcpfo-recording", "other"), ("\"version\":1,", ""), ("\"x\"", "7"), ("recording-header", "x")]
    {
        assert!(tried(&header.replace(from, to)).is_err(), "{from} as {to}");
    }
    assert!(tried(r#"{"line":"recording-event","at":"x","words":""}"#).is_err());
}
