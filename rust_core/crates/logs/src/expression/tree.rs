//! How `and`, `or`, `not` and parentheses join tests, and which test follows which. No recursion:
//! what waits for its right side stands on a list.

use std::ops::Range;

use super::evaluate::{ACCEPT, REJECT, Step};

/// What waits for its right side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pending {
    Open(Range<usize>),
    Or,
    And,
    Not,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Plain,
    /// The opposite is meant, as of `!=`.
    Negated,
}

/// A test as it stands in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operand {
    pub(super) step: usize,
    pub(super) sign: Sign,
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
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// The first step of each node.
    first: Vec<usize>,
    done: Vec<usize>,
    pending: Vec<Pending>,
    pub(super) depth: usize,
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

    pub(super) fn test(&mut self, operand: Operand) {
        self.push(Node::Test(operand.step));
        if operand.sign == Sign::Negated {
            self.apply(&Pending::Not);
        }
    }

    pub(super) fn negate(&mut self) {
        // Two in a row are none.
        if self.pending.last() == Some(&Pending::Not) {
            self.pending.pop();
        } else {
            self.pending.push(Pending::Not);
        }
    }

    pub(super) fn open(&mut self, span: Range<usize>) {
        self.depth += 1;
        self.pending.push(Pending::Open(span));
    }

    /// `and` binds closer than `or`, `not` closer than both.
    pub(super) fn wait(&mut self, operator: Pending) {
        self.reduce(|pending| match pending {
            Pending::Not | Pending::And => true,
            Pending::Or => operator == Pending::Or,
            Pending::Open(_) => false,
        });
        self.pending.push(operator);
    }

    /// Whether a parenthesis was open.
    pub(super) fn close(&mut self) -> bool {
        self.reduce(|pending| !matches!(pending, Pending::Open(_)));
        self.depth = self.depth.saturating_sub(1);
        self.pending.pop().is_some()
    }

    /// The parenthesis that is still open.
    pub(super) fn finish(&mut self) -> Option<Range<usize>> {
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
    pub(super) fn link(&self, steps: &mut [Step]) {
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
