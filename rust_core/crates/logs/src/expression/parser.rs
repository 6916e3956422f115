//! The grammar of expressions: tests, and what joins them. What a test is made of is
//! `comparison`'s, what joined tests mean is `tree`'s.

use super::error::{ExpressionError, Problem};
use super::evaluate::{ACCEPT, REJECT, Step};
use super::lexer::{Kind, Lexer, Token};
use super::literal::Now;
use super::tree::{Operand, Pending, Tree};
use super::{DEPTH_LIMIT, OPERAND_LIMIT, TEXT_LIMIT};

type Read<T> = Result<T, ExpressionError>;

/// The names and the steps of an expression.
pub(super) fn parse(text: &str, now: Now) -> Read<(Vec<String>, Vec<Step>)> {
    if text.len() > TEXT_LIMIT {
        let span = text.len()..text.len();
        return Err(ExpressionError::new(Problem::TooLong, span));
    }
    let mut lexer = Lexer::new(text);
    let token = lexer.token()?;
    let mut parser = Parser {
        text,
        lexer,
        token,
        now,
        names: Vec::new(),
        steps: Vec::new(),
        operands: 0,
        regexes: 0,
    };
    if parser.token.kind == Kind::End {
        return Err(parser.error(Problem::Empty));
    }
    let tree = parser.expression()?;
    let mut steps = parser.steps;
    tree.link(&mut steps);
    Ok((parser.names, steps))
}

pub(super) struct Parser<'t> {
    text: &'t str,
    lexer: Lexer<'t>,
    /// The next one, not yet read.
    pub(super) token: Token<'t>,
    pub(super) now: Now,
    names: Vec<String>,
    /// The tests in the order of the text, not yet linked.
    steps: Vec<Step>,
    operands: usize,
    pub(super) regexes: usize,
}

impl<'t> Parser<'t> {
    fn expression(&mut self) -> Read<Tree> {
        let mut tree = Tree::default();
        loop {
            self.openings(&mut tree)?;
            let test = self.test()?;
            tree.test(test);
            loop {
                match self.token.kind {
                    Kind::And => tree.wait(Pending::And),
                    Kind::Or => tree.wait(Pending::Or),
                    Kind::Close => {
                        if !tree.close() {
                            return Err(self.error(Problem::UnopenedParenthesis));
                        }
                        self.advance()?;
                        continue;
                    }
                    Kind::End => {
                        if let Some(opening) = tree.finish() {
                            let problem = Problem::UnclosedParenthesis;
                            return Err(ExpressionError::new(problem, opening));
                        }
                        return Ok(tree);
                    }
                    _ => return Err(self.expected("`and`, `or` or the end")),
                }
                self.advance()?;
                break;
            }
        }
    }

    /// What stands before a test.
    fn openings(&mut self, tree: &mut Tree) -> Read<()> {
        loop {
            match self.token.kind {
                Kind::Not => tree.negate(),
                Kind::Open => {
                    if tree.depth == DEPTH_LIMIT {
                        return Err(self.error(Problem::TooDeep));
                    }
                    tree.open(self.token.span.clone());
                }
                _ => return Ok(()),
            }
            self.advance()?;
        }
    }

    fn test(&mut self) -> Read<Operand> {
        self.count()?;
        let (name, (test, sign)) = self.named_test()?;
        let name = self.intern(name);
        self.steps.push(Step {
            name,
            test,
            yes: ACCEPT,
            no: REJECT,
        });
        Ok(Operand {
            step: self.steps.len() - 1,
            sign,
        })
    }

    /// One operand more, at the next token.
    pub(super) fn count(&mut self) -> Read<()> {
        if self.operands == OPERAND_LIMIT {
            return Err(self.error(Problem::TooManyOperands));
        }
        self.operands += 1;
        Ok(())
    }

    fn intern(&mut self, name: &str) -> usize {
        let known = self.names.iter().position(|known| known == name);
        known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        })
    }

    /// The next token, which is read.
    pub(super) fn advance(&mut self) -> Read<Token<'t>> {
        let next = self.lexer.token()?;
        Ok(std::mem::replace(&mut self.token, next))
    }

    /// A problem with the next token.
    pub(super) fn error(&self, problem: Problem) -> ExpressionError {
        ExpressionError::new(problem, self.token.span.clone())
    }

    /// The next token is not what can stand there.
    pub(super) fn expected(&self, expected: &'static str) -> ExpressionError {
        let found = match self.source(&self.token) {
            "" => "the end".to_owned(),
            source => format!("`{source}`"),
        };
        self.error(Problem::Expected { expected, found })
    }

    /// How a token is written, or how it begins.
    pub(super) fn source(&self, token: &Token<'_>) -> &'t str {
        let source = self.text.get(token.span.clone()).unwrap_or_default();
        let end = source.char_indices().nth(LONGEST).map(|(end, _)| end);
        &source[..end.unwrap_or(source.len())]
    }
}

/// How much of a token messages show, in characters.
const LONGEST: usize = 60;
