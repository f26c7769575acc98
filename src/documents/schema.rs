//! JSON schemas (draft 2020-12), made from the types.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

/// The schema of what is written from a type.
pub(crate) fn of<T: JsonSchema>() -> Value {
    SchemaSettings::default().for_serialize().into_generator().into_root_schema_for::<T>().to_value()
}

/// Has the schema of a type whose `kind` serde writes say so. (schemars knows no tag of a struct.)
pub(crate) fn stated(kind: &'static str) -> impl Fn(&mut Schema) {
    move |schema| {
        let object = schema.ensure_object();
        let mut stated = serde_json::Map::new();
        for (key, word) in [("type", "string"), ("const", kind), ("description", "What this document is.")] {
            stated.insert(key.to_owned(), word.into());
        }
        if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
            properties.shift_insert(0, "kind".to_owned(), stated.into());
        }
        if let Some(required) = object.get_mut("required").and_then(Value::as_array_mut) {
            required.insert(0, "kind".into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kind that a schema states is the one that serde writes, and the one that readers accept.
    #[test]
    fn a_stated_kind_is_what_is_written() {
        let header = crate::recording::Header { version: 1, title: String::new() };
        let written = serde_json::to_value(&header).expect("a document");
        assert_eq!(written["kind"], crate::recording::FORMAT.kind);
        let schema = of::<crate::recording::Header>();
        assert_eq!(schema["properties"]["kind"]["const"], written["kind"]);
        assert_eq!(schema["required"][0], "kind");
    }
}
