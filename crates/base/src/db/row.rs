//! Rows as both databases gave them, read into any type that serde can build: a struct by column
//! names, a tuple by place. A column with JSON text can be read into a list, map or struct.

use serde::de::value::{SeqDeserializer, StringDeserializer};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};

/// One value of one row.
#[derive(Debug, Clone)]
pub enum Cell {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

/// A result set. Reading it is the only generic step, so that the driver code is compiled once
/// and not once for each query.
pub struct Rows {
    columns: Columns,
    cells: Vec<Cell>,
}

/// The names of the columns, one after the other in one text: a query allocates it once.
#[derive(Clone, Default)]
pub(super) struct Columns {
    names: String,
    count: usize,
}

impl Columns {
    /// No name of a column has it in it.
    const BETWEEN: char = '\0';

    pub(super) fn of<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut columns = Columns {
            names: String::with_capacity(512),
            count: 0,
        };
        for name in names {
            if columns.count > 0 {
                columns.names.push(Self::BETWEEN);
            }
            columns.names.push_str(name);
            columns.count += 1;
        }
        columns
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.names.split(Self::BETWEEN).take(self.count)
    }
}

impl Rows {
    pub(super) fn new(columns: Columns, cells: Vec<Cell>) -> Self {
        Rows { columns, cells }
    }

    pub(super) fn read<T: DeserializeOwned>(self) -> Result<Vec<T>, ReadError> {
        let width = self.columns.count().max(1);
        let mut things = Vec::with_capacity(self.cells.len() / width);
        let mut cells = self.cells.into_iter();
        let in_order = std::cell::Cell::new(None);
        while cells.len() > 0 {
            let left = cells.len() - width;
            things.push(T::deserialize(Row {
                columns: &self.columns,
                cells: &mut cells,
                in_order: &in_order,
            })?);
            // A type that reads fewer columns than there are leaves the rest of its row behind.
            while cells.len() > left {
                cells.next();
            }
        }
        Ok(things)
    }
}

impl Rows {
    /// Reads each row twice, into two structs that take their columns by name. It is what
    /// `serde(flatten)` would be for, which loses the columns' types and must not be used on rows.
    pub(super) fn read_pairs<A: DeserializeOwned, B: DeserializeOwned>(
        self,
    ) -> Result<Vec<(A, B)>, ReadError> {
        let again = Rows {
            columns: self.columns.clone(),
            cells: self.cells.clone(),
        };
        Ok(self.read()?.into_iter().zip(again.read()?).collect())
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ReadError(String);

impl de::Error for ReadError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        ReadError(message.to_string())
    }
}

struct Row<'a> {
    columns: &'a Columns,
    cells: &'a mut std::vec::IntoIter<Cell>,
    /// Whether the columns are the fields of the struct, in their order; found out at the first row.
    in_order: &'a std::cell::Cell<Option<bool>>,
}

impl Row<'_> {
    fn is_in_order(&self, fields: &[&str]) -> bool {
        self.in_order.get().unwrap_or_else(|| {
            let same = self.columns.names().eq(fields.iter().copied());
            self.in_order.set(Some(same));
            same
        })
    }
}

impl<'de> de::Deserializer<'de> for Row<'_> {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_map(ByName {
            names: self.columns.names(),
            cells: self.cells,
            column: "",
        })
    }

    /// Without a look at the names where they are in order.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        if !self.is_in_order(fields) {
            return self.deserialize_any(visitor);
        }
        visitor.visit_seq(Places {
            columns: self.columns,
            place: 0,
            cells: self.cells,
        })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let width = self.columns.count();
        visitor.visit_seq(SeqDeserializer::new(self.cells.take(width)))
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let mut row = SeqDeserializer::new(self.cells.take(self.columns.count()));
        visitor.visit_seq(&mut row)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct tuple_struct map enum identifier ignored_any
    }
}

/// The values of a row in their order.
struct Places<'a> {
    columns: &'a Columns,
    place: usize,
    cells: &'a mut std::vec::IntoIter<Cell>,
}

impl<'de> SeqAccess<'de> for Places<'_> {
    type Error = ReadError;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, ReadError> {
        if self.place == self.columns.count() {
            return Ok(None);
        }
        let place = self.place;
        self.place += 1;
        let cell = self.cells.next().unwrap_or(Cell::Null);
        seed.deserialize(cell).map(Some).map_err(|error| {
            let name = self.columns.names().nth(place).unwrap_or_default();
            ReadError(format!("the column {name}: {error}"))
        })
    }
}

/// The values of a row, each with the name of its column.
struct ByName<'a, N> {
    names: N,
    cells: &'a mut std::vec::IntoIter<Cell>,
    column: &'a str,
}

impl<'a, 'de, N: Iterator<Item = &'a str>> MapAccess<'de> for ByName<'a, N> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ReadError> {
        let Some(name) = self.names.next() else {
            return Ok(None);
        };
        self.column = name;
        let name: de::value::StrDeserializer<'_, ReadError> = self.column.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, ReadError> {
        let cell = self.cells.next().unwrap_or(Cell::Null);
        seed.deserialize(cell)
            .map_err(|error| ReadError(format!("the column {}: {error}", self.column)))
    }
}

impl IntoDeserializer<'_, ReadError> for Cell {
    type Deserializer = Cell;

    fn into_deserializer(self) -> Cell {
        self
    }
}

/// JSON text as a deserializer. It reads from bytes that go away, so it lends nothing.
fn json(text: &str) -> serde_json::Deserializer<serde_json::de::IoRead<&[u8]>> {
    serde_json::Deserializer::from_reader(text.as_bytes())
}

fn not_json(error: serde_json::Error) -> ReadError {
    ReadError(format!("not the JSON it should be: {error}"))
}

impl<'de> de::Deserializer<'de> for Cell {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self {
            Cell::Null => visitor.visit_unit(),
            Cell::Int(value) => visitor.visit_i64(value),
            Cell::Real(value) => visitor.visit_f64(value),
            Cell::Text(value) => visitor.visit_string(value),
            Cell::Blob(value) => visitor.visit_byte_buf(value),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self {
            Cell::Int(value) => visitor.visit_bool(value != 0),
            other => other.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self {
            Cell::Null => visitor.visit_none(),
            other => visitor.visit_some(other),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self {
            Cell::Text(text) => json(&text).deserialize_seq(visitor).map_err(not_json),
            Cell::Blob(bytes) => visitor.visit_seq(SeqDeserializer::new(bytes.into_iter())),
            other => other.deserialize_any(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self {
            Cell::Text(text) => json(&text).deserialize_map(visitor).map_err(not_json),
            other => other.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        self.deserialize_map(visitor)
    }

    /// A unit variant by its name; any other variant as serde writes it in JSON.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        match self {
            Cell::Text(text) if text.starts_with('{') => json(&text)
                .deserialize_enum(name, variants, visitor)
                .map_err(not_json),
            Cell::Text(text) => {
                let name: StringDeserializer<ReadError> = text.into_deserializer();
                visitor.visit_enum(name)
            }
            other => other.deserialize_any(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct tuple_struct identifier
    }
}
