//! Files to be imported, and how they may be understood.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use base::Result;
use perceive::import::mapping;
use perceive::import::read::ReadOptions;
use perceive::import::{self, Looked};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{Answer, ErrorBody};
use crate::http::App;
use crate::http::asked::{Asked, Said, Wish};
use crate::http::error::Refusals;
use crate::http::request::Reader;
use crate::http::who::{ReadsImports, WritesImports};
use crate::lang::Lang;
use crate::text::catalogue;
use crate::upload::{self, Upload};

/// A file that was sent.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UploadShown {
    /// Its id.
    upload_id: String,
    /// Its name.
    name: String,
    /// Its bytes.
    bytes: u64,
    /// `csv`, `tsv`, `xlsx` or `parquet`.
    format: &'static str,
    /// Its encoding by its WHATWG name, in lower case.
    encoding: &'static str,
    /// The columns with what they are taken for.
    columns: Vec<ColumnShown>,
    /// The built-in mapping that was made for such files; null where there is none.
    #[schema(required = true)]
    mapping: Option<&'static str>,
    /// What is missing or doubtful, in sentences.
    warnings: Vec<String>,
}

/// A column of a file.
#[derive(Debug, Serialize, ToSchema)]
struct ColumnShown {
    /// The header's cell.
    name: String,
    /// Some of its values; what is personal is hidden.
    samples: Vec<String>,
    /// The field that it is taken for; null where none is known.
    #[schema(required = true)]
    field: Option<String>,
    /// How sure that is, in percent.
    confidence: u8,
}

/// A way of understanding files.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MappingShown {
    /// Its name.
    #[schema(example = "taobao-orders")]
    name: &'static str,
    /// The kinds of file that it knows.
    files: Vec<String>,
}

/// The file's name.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Named {
    /// The file's name
    name: String,
}

impl Wish for Named {
    fn read(said: &mut Said) -> Result<Self> {
        let missing = || base::Error::bad("is missing").field("name");
        Ok(Self { name: said.text("name")?.ok_or_else(missing)? })
    }
}

/// A file as it is.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "read by the description of the API only")]
pub(super) struct FileBytes(Vec<u8>);

/// Send a file
///
/// As it is; it may be packed. It is kept for seven days.
#[utoipa::path(post, path = "/api/v1/uploads", operation_id = "upload", tag = "imports",
    params(Named), request_body(content = FileBytes, content_type = "application/octet-stream"),
    responses((status = 200, description = "What the file is", body = UploadShown),
    (status = 413, description = "It is too large, or unpacks to too much", body = ErrorBody),
    (status = 415, description = "It is of a kind that cannot be read", body = ErrorBody),
    Refusals))]
pub(super) async fn receive(
    State(app): State<App>,
    writes: WritesImports,
    Reader(lang): Reader,
    Asked(asked): Asked<Named>,
    body: Body,
) -> Answer<UploadShown> {
    app.setup.full.admit(writes.cx.shop)?;
    let sent = upload::receive(&app.place, &writes.cx, &asked.name, body).await?;
    match import::look(&sent.path, &ReadOptions::default()).await {
        Ok(looked) => Ok(Json(shown(sent, looked, lang))),
        Err(error) => {
            upload::remove(&sent)?;
            Err(error.into())
        }
    }
}

fn shown(sent: Upload, looked: Looked, lang: Lang) -> UploadShown {
    let columns = looked.columns.into_iter().map(|(guess, samples)| ColumnShown {
        name: guess.column,
        samples,
        field: guess.field,
        confidence: guess.confidence,
    });
    UploadShown {
        upload_id: sent.id,
        name: sent.name,
        bytes: sent.bytes,
        format: looked.format.name(),
        encoding: looked.encoding,
        columns: columns.collect(),
        mapping: looked.mapping,
        warnings: looked.warnings.iter().map(|said| catalogue::sentence(lang, said)).collect(),
    }
}

/// Mappings
#[utoipa::path(get, path = "/api/v1/mappings", operation_id = "mappings", tag = "imports",
    responses((status = 200, description = "The ways in which files may be understood",
    body = Vec<MappingShown>), Refusals))]
pub(super) async fn mappings(_: ReadsImports, _: Asked<()>) -> Answer<Vec<MappingShown>> {
    let known = mapping::builtins().map(|name| {
        let files = mapping::builtin(name)?.files.into_iter().map(|file| file.role).collect();
        Ok(MappingShown { name, files })
    });
    Ok(Json(known.collect::<Result<_>>()?))
}
