//! What may be asked: exactly one statement, and one that only reads.
//!
//! The size of a plan is bounded before anything is planned, because a name that stands for a
//! query twice as large as the one before it doubles the plan with each line of text.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use base::{Code, Error, Result};
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::{
    ObjectName, Query, Statement as SqlStatement, Visit, Visitor,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

/// Bytes of a query's text.
pub const SQL_BYTES_MAX: usize = 65_536;
/// Tables that a query reads, each counted as often as it is reached through named queries.
pub const TABLES_READ_MAX: u64 = 256;
/// Operators between expressions: a chain of them is as deep as it is long.
pub const OPERATORS_MAX: usize = 2_000;
/// Levels of nested expressions or queries.
pub const SQL_DEPTH_MAX: usize = 64;

/// A statement that may be run.
#[derive(Debug)]
pub(super) enum Asked {
    /// Rows.
    Query(Statement),
    /// The list of tables.
    Tables,
    /// The columns of a table.
    Columns(String),
}

/// Reads the text of a query.
pub(super) fn read(sql: &str) -> Result<Asked> {
    if sql.len() > SQL_BYTES_MAX {
        let message = format!("a query's text has at most {SQL_BYTES_MAX} bytes");
        return Err(Error::new(Code::TooLarge, message));
    }
    check_chains(sql)?;
    let mut statements = DFParserBuilder::new(sql)
        .with_dialect(&GenericDialect {})
        .with_recursion_limit(SQL_DEPTH_MAX)
        .build()
        .and_then(|mut parser| parser.parse_statements())
        .map_err(super::person::unparsable)?;
    let Some(statement) = statements.pop_front() else {
        return Err(Error::bad("there is no query").hint("write one, such as: select 1"));
    };
    if !statements.is_empty() {
        return Err(Error::bad("there is more than one statement").hint("run one at a time"));
    }
    let Statement::Statement(inner) = &statement else { return Err(refused()) };
    match inner.as_ref() {
        SqlStatement::Query(query) => {
            check_size(query)?;
            Ok(Asked::Query(statement))
        }
        SqlStatement::ShowTables { .. } => Ok(Asked::Tables),
        SqlStatement::ExplainTable { table_name, .. } => Ok(Asked::Columns(last(table_name))),
        SqlStatement::ShowColumns { show_options, .. } => {
            let name = show_options.show_in.as_ref().and_then(|show| show.parent_name.as_ref());
            name.map(|name| Asked::Columns(last(name))).ok_or_else(refused)
        }
        _ => Err(refused()),
    }
}

/// Refuses what would be too deep once it is parsed. What is no SQL the parser will say.
fn check_chains(sql: &str) -> Result<()> {
    let Ok(tokens) = Tokenizer::new(&GenericDialect {}, sql).tokenize() else { return Ok(()) };
    let operator = |token: &&Token| match token {
        Token::Word(word) => matches!(
            word.keyword,
            Keyword::AND
                | Keyword::OR
                | Keyword::NOT
                | Keyword::UNION
                | Keyword::EXCEPT
                | Keyword::INTERSECT
                | Keyword::JOIN
        ),
        Token::Comma | Token::Period | Token::Whitespace(_) | Token::SemiColon => false,
        Token::LParen | Token::RParen | Token::Number(..) => false,
        Token::SingleQuotedString(_) | Token::EOF => false,
        _ => true,
    };
    if tokens.iter().filter(operator).count() > OPERATORS_MAX {
        let message = format!("the query has more than {OPERATORS_MAX} operators");
        return Err(Error::new(Code::TooLarge, message).hint("use `in (…)` for a list of values"));
    }
    Ok(())
}

/// The error for everything that is not a query.
pub(super) fn refused() -> Error {
    Error::new(Code::Forbidden, "only queries may be run here")
        .hint("use select, with, show tables or describe")
}

fn last(name: &ObjectName) -> String {
    let part = name.0.last().and_then(|part| part.as_ident());
    part.map(|ident| ident.value.to_lowercase()).unwrap_or_default()
}

fn check_size(query: &Query) -> Result<()> {
    let mut size = Size { frames: vec![Frame::default()], known: Vec::new() };
    let read = match query.visit(&mut size) {
        ControlFlow::Break(()) => u64::MAX,
        ControlFlow::Continue(()) => size.frames.first().map_or(0, |frame| frame.tables),
    };
    if read > TABLES_READ_MAX {
        let message = format!("the query reads more than {TABLES_READ_MAX} tables");
        return Err(Error::new(Code::TooLarge, message)
            .hint("name fewer queries that build upon each other"));
    }
    Ok(())
}

/// Counts the tables that a query reads, following the names that `with` gives.
struct Size {
    frames: Vec<Frame>,
    known: Vec<(String, u64)>,
}

/// A query that is being visited.
#[derive(Default)]
struct Frame {
    tables: u64,
    /// The names whose queries come next, in their order.
    names: VecDeque<String>,
    /// How many names were known before it.
    known: usize,
}

impl Visitor for Size {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let named = query.with.iter().flat_map(|with| &with.cte_tables);
        let names = named.map(|named| named.alias.name.value.to_lowercase()).collect();
        self.frames.push(Frame { tables: 0, names, known: self.known.len() });
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _query: &Query) -> ControlFlow<()> {
        let Some(done) = self.frames.pop() else { return ControlFlow::Break(()) };
        self.known.truncate(done.known);
        let Some(above) = self.frames.last_mut() else { return ControlFlow::Break(()) };
        match above.names.pop_front() {
            Some(name) => self.known.push((name, done.tables.max(1))),
            None => above.tables = above.tables.saturating_add(done.tables),
        }
        if done.tables > TABLES_READ_MAX {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        let name = last(relation);
        let known = self.known.iter().rev().find(|(known, _)| *known == name);
        let tables = known.map_or(1, |(_, tables)| *tables);
        if let Some(frame) = self.frames.last_mut() {
            frame.tables = frame.tables.saturating_add(tables);
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(sql: &str) -> Result<(), Code> {
        read(sql).map(|_| ()).map_err(|error| error.code)
    }

    #[test]
    fn only_one_reading_statement_is_let_through() {
        for sql in [
            "select 1",
            "SELECT * FROM order_lines;",
            "with a as (select 1 as x) select * from a",
            "values (1), (2)",
            "show tables",
            "describe order_lines",
            "show columns from order_lines",
        ] {
            assert_eq!(code(sql), Ok(()), "{sql}");
        }
        for sql in [
            "insert into order_lines values (1)",
            "update order_lines set sku = ''",
            "delete from order_lines",
            "create table t as select 1",
            "create external table t stored as csv location '/etc/passwd'",
            "create view v as select 1",
            "create function f() returns int return 1",
            "drop table order_lines",
            "truncate table order_lines",
            "alter table order_lines add column x int",
            "copy order_lines to '/tmp/x.csv'",
            "copy (select 1) to '/tmp/x.csv'",
            "set datafusion.execution.batch_size = 1",
            "reset datafusion.execution.batch_size",
            "show all",
            "show datafusion.execution.batch_size",
            "explain select 1",
            "explain analyze select 1",
            "prepare p as select 1",
            "execute p",
            "begin",
            "grant select on order_lines to x",
            "use other",
            "merge into order_lines using x on true when matched then delete",
        ] {
            assert_eq!(code(sql), Err(Code::Forbidden), "{sql}");
        }
        assert_eq!(code("select 1; select 2"), Err(Code::BadInput));
        assert_eq!(code("  "), Err(Code::BadInput));
        assert_eq!(code("selec 1"), Err(Code::BadInput));
        assert_eq!(code(&format!("select '{}'", "x".repeat(70_000))), Err(Code::TooLarge));
    }

    #[test]
    fn a_plan_that_would_explode_is_refused_before_it_is_made() {
        let mut sql = "with a0 as (select 1 as x)".to_owned();
        for level in 1..20 {
            let before = level - 1;
            sql += &format!(
                ", a{level} as (select * from a{before} union all select * from a{before})"
            );
        }
        sql += " select count(*) from a19";
        assert_eq!(code(&sql), Err(Code::TooLarge));
        let long = format!("select 1{}", " + 1".repeat(5_000));
        assert_eq!(code(&long), Err(Code::TooLarge));
        let list = format!("select 1 in (1{})", ", 1".repeat(20_000));
        assert_eq!(code(&list), Ok(()));
        let nested = format!("select {}1{}", "(".repeat(500), ")".repeat(500));
        assert_eq!(code(&nested), Err(Code::BadInput));
        let chain = "with a as (select 1 as x), b as (select * from a), c as (select * from b)
            select * from c join b on true join a on true";
        assert_eq!(code(chain), Ok(()));
    }
}
