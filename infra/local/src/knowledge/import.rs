//! `cargo local knowledge import`: a table of questions and answers becomes a knowledge file.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use anyhow::{Context as _, bail};
use bot::knowledge::import;
use calamine::{Data, Reader as _, Xlsx};
use encoding_rs::GB18030;

use super::folder::compiled;
use crate::console;

/// What an XLSX file, a ZIP archive, begins with.
const ZIP: &[u8] = b"PK\x03\x04";

/// Makes a file of entries of a table.
///
/// # Errors
/// The table or the folder cannot be read, has no entry to give, or the file is there already.
pub fn run(file: &Path, into: &Path) -> anyhow::Result<()> {
    let stem = file.file_stem().and_then(|stem| stem.to_str()).context("the table has no file name")?;
    let path = into.join(format!("{stem}.yaml"));
    if path.exists() {
        bail!(
            "{} is there already and stays as it is; give the table another file name, or move that file",
            path.display()
        );
    }
    let artifact = compiled(into)?;
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let rows = rows(&bytes).with_context(|| format!("cannot read {} as a table", file.display()))?;
    let import = import(&rows, artifact.base()).map_err(anyhow::Error::msg)?;
    for (row, why) in &import.skipped {
        console::progress(format_args!("{}: row {row} is left out: {why}", file.display()));
    }
    if import.ids.is_empty() {
        bail!("{} gives no entry", file.display());
    }
    fs::write(&path, &import.yaml).with_context(|| format!("cannot write {}", path.display()))?;
    for (id, language) in &import.lacking {
        console::progress(format_args!("`{id}` lacks the language `{language}`; add it to {}", path.display()));
    }
    let (made, left) = (import.ids.len(), import.skipped.len());
    console::say(format_args!("{made} entries in {}, {left} rows left out", path.display()));
    Ok(())
}

/// A table's rows, whichever kind of file it is.
fn rows(bytes: &[u8]) -> anyhow::Result<Vec<Vec<String>>> {
    if bytes.starts_with(ZIP) { sheet(bytes) } else { separated(&decoded(bytes)?) }
}

/// The first sheet that has cells.
fn sheet(bytes: &[u8]) -> anyhow::Result<Vec<Vec<String>>> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).context("it is no XLSX file")?;
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).with_context(|| format!("the sheet {name} cannot be read"))?;
        // A table that starts lower or further right counts from its own corner, but rows as the sheet numbers them.
        let above = range.start().map_or(0, |(row, _)| usize::try_from(row).unwrap_or_default());
        if above > 0 {
            bail!("the sheet {name} has nothing in its first row; put the names of the columns there");
        }
        if !range.is_empty() {
            return Ok(range.rows().map(|row| row.iter().map(cell).collect()).collect());
        }
    }
    bail!("no sheet has anything in it")
}

fn cell(data: &Data) -> String {
    data.to_string()
}

/// A CSV file's text: UTF-8, or as Excel saves it in China.
fn decoded(bytes: &[u8]) -> anyhow::Result<String> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.trim_start_matches('\u{feff}').to_owned());
    }
    let (text, _, broken) = GB18030.decode(bytes);
    if broken {
        bail!("it is neither UTF-8 nor GB18030; save it as “CSV UTF-8”");
    }
    Ok(text.into_owned())
}

fn separated(text: &str) -> anyhow::Result<Vec<Vec<String>>> {
    // Some save tables with semicolons or tabs: what parts the names of the columns parts all.
    let header = text.lines().next().unwrap_or_default();
    let delimiter = [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|sign| (header.bytes().filter(|byte| byte == sign).count(), std::cmp::Reverse(*sign)));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter.unwrap_or(b','))
        .from_reader(text.as_bytes());
    let rows = reader.records().map(|row| Ok(row?.iter().map(str::to_owned).collect()));
    rows.collect::<Result<_, csv::Error>>().context("a row cannot be read")
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::Workbook;

    use super::*;
    use crate::stack;

    const TABLE: [[&str; 3]; 3] = [
        ["问题", "答案", "相似问"],
        ["有停车场吗", "有，地下一层", "能停车吗\n哪里停车"],
        ["Is there parking", "Yes, level \"-1\"", ""],
    ];

    fn csv_of(table: &[[&str; 3]]) -> String {
        let quoted = |cell: &&str| format!("\"{}\"", cell.replace('"', "\"\""));
        table.iter().map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n").collect()
    }

    #[test]
    fn every_kind_of_file_gives_the_same_rows() {
        let text = csv_of(&TABLE);
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (row, cells) in (0..).zip(TABLE) {
            for (column, cell) in (0..).zip(cells) {
                sheet.write(row, column, cell).unwrap();
            }
        }
        let xlsx = book.save_to_buffer().unwrap();
        let (gb, _, unencodable) = GB18030.encode(&text);
        assert!(!unencodable);
        for (kind, bytes) in [
            ("UTF-8", text.clone().into_bytes()),
            ("UTF-8 with a mark", format!("\u{feff}{text}").into_bytes()),
            ("GB18030", gb.into_owned()),
            ("XLSX", xlsx),
            ("semicolons", text.replace("\",\"", "\";\"").into_bytes()),
        ] {
            assert_eq!(rows(&bytes).unwrap(), TABLE.map(|row| row.map(str::to_owned).to_vec()), "{kind}");
        }
        assert!(rows(b"PK\x03\x04 and no archive").is_err());
        assert!(rows(&[0x80, 0xFF, 0xFF, 0x20]).is_err());
    }

    #[test]
    fn nothing_is_overwritten() {
        let dir = std::env::temp_dir().join(format!("import-{}", std::process::id()));
        let folder = dir.join("knowledge");
        fs::create_dir_all(&folder).unwrap();
        let shop = stack::root().join("infra/scenarios/shop/knowledge");
        for name in ["base.yaml", "hours.yaml"] {
            fs::copy(shop.join(name), folder.join(name)).unwrap();
        }
        // What replies name that is not there would be errors of their own.
        let hours = fs::read_to_string(folder.join("hours.yaml")).unwrap();
        let plain: Vec<&str> = hours.lines().filter(|line| !line.contains("replies:")).collect();
        fs::write(folder.join("hours.yaml"), plain.join("\n")).unwrap();
        let table = dir.join("parking.csv");
        fs::write(&table, csv_of(&TABLE)).unwrap();
        run(&table, &folder).unwrap();
        let made = fs::read_to_string(folder.join("parking.yaml")).unwrap();
        assert!(made.contains("能停车吗") && made.contains("level"), "{made}");
        assert!(run(&table, &folder).unwrap_err().to_string().contains("is there already"));
        assert_eq!(fs::read_to_string(folder.join("parking.yaml")).unwrap(), made);
        fs::remove_dir_all(&dir).unwrap();
    }
}
