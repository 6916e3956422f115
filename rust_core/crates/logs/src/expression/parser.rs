//! The grammar: tests, and how `and`, `or`, `not` and parentheses join them. No recursion: what
//! waits for its right side stands on a list.

use std::ops::Range;

use super::error::{ExpressionError, Problem};
use super::evaluate::{ACCEPT, REJECT, Step};
use super::lexer::{Kind, Lexer, Token};
use super::literal::Now;
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

/// What waits for its right side.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Pending {
    Open(Range<usize>),
    Or,
    And,
    Not,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Plain,
    /// The opposite is meant, as of `!=`.
    Negated,
}

/// A test as it stands in the text.
#[derive(Clone, Copy, Debug)]
struct Operand {
    step: usize,
    sign: Sign,
}

#[derive(Clone, Copy, Debug)]
enum Node {
    Test(usize),
    Not(usize),
    And(usize, usize),
    Or(usize, usize),
}

/// The tree of an expression while it is read; nodes name others by their places.
#[derive(Default)]
struct Tree {
    nodes: Vec<Node>,
    /// The first step of each node.
    first: Vec<usize>,
    done: Vec<usize>,
    pending: Vec<Pending>,
    depth: usize,
}

impl Tree {
    fn push(&mut self, node: Node) {
        self.first.push(match node {
            Node::Test(step) => step,
            Node::Not(inner) | Node::And(inner, _) | Node::Or(inner, _) => self.first[inner],
        });
        self.nodes.push(node);
        self.done.push(self.nodes.len() - 1);
    }

    fn test(&mut self, operand: Operand) {
        self.push(Node::Test(operand.step));
        if operand.sign == Sign::Negated {
            self.apply(&Pending::Not);
        }
    }

    fn negate(&mut self) {
        // Two in a row are none.
        if self.pending.last() == Some(&Pending::Not) {
            self.pending.pop();
        } else {
            self.pending.push(Pending::Not);
        }
    }

    fn open(&mut self, span: Range<usize>) {
        self.depth += 1;
        self.pending.push(Pending::Open(span));
    }

    /// `and` binds closer than `or`, `not` closer than both.
    fn wait(&mut self, operator: Pending) {
        self.reduce(|pending| match pending {
            Pending::Not | Pending::And => true,
            Pending::Or => operator == Pending::Or,
            Pending::Open(_) => false,
        });
        self.pending.push(operator);
    }

    /// Whether a parenthesis was open.
    fn close(&mut self) -> bool {
        self.reduce(|pending| !matches!(pending, Pending::Open(_)));
        self.depth = self.depth.saturating_sub(1);
        self.pending.pop().is_some()
    }

    /// The parenthesis that is still open.
    fn finish(&mut self) -> Option<Range<usize>> {
        self.reduce(|pending| !matches!(pending, Pending::Open(_)));
        match self.pending.pop() {
            Some(Pending::Open(span)) => Some(span),
            _ => None,
        }
    }

    fn reduce(&mut self, binds: impl Fn(&Pending) -> bool) {
        while let Some(pending) = self.pending.pop_if(|pending| binds(pending)) {
            self.apply(&pending);
        }
    }

    fn apply(&mut self, pending: &Pending) {
        let Some(right) = self.done.pop() else {
            return;
        };
        let node = match (pending, self.done.last()) {
            (Pending::Not, _) => Node::Not(right),
            (Pending::And, Some(left)) => Node::And(*left, right),
            (Pending::Or, Some(left)) => Node::Or(*left, right),
            _ => return,
        };
        if *pending != Pending::Not {
            self.done.pop();
        }
        self.push(node);
    }

    /// Tells each step what follows it.
    fn link(&self, steps: &mut [Step]) {
        let whole = self.done.last().map(|node| (*node, ACCEPT, REJECT));
        let mut work: Vec<_> = whole.into_iter().collect();
        while let Some((node, yes, no)) = work.pop() {
            match self.nodes[node] {
                Node::Test(step) => {
                    steps[step].yes = yes;
                    steps[step].no = no;
                }
                Node::Not(inner) => work.push((inner, no, yes)),
                Node::And(left, right) => {
                    work.push((left, self.first[right], no));
                    work.push((right, yes, no));
                }
                Node::Or(left, right) => {
                    work.push((left, yes, self.first[right]));
                    work.push((right, yes, no));
                }
            }
        }
    }
}
