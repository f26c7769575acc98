//! JSON schemas (draft 2020-12), made from the types.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

/// The schema of what is written from a type.
pub(crate) fn of<T: JsonSchema>() -> Value {
    SchemaSettings::default().for_serialize().into_generator().into_root_schema_for::<T>().to_value()
}

/// Has the schema of a type whose `kind` serde writes say so. (schemars knows no tag of a struct.)
pub(crate) fn stated(kind: &'static str) -> impl Fn(&mut Schema) {
    move |schema| {
        let object = schema.ensure_object();
        let stated = json!({"type": "string", "const": kind, "description": "What this document is."});
        if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
            properties.shift_insert(0, "kind".to_owned(), stated);
        }
        if let Some(required) = object.get_mut("required").and_then(Value::as_array_mut) {
            required.insert(0, "kind".into());
        }
    }
}
