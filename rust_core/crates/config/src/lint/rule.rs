//! The rules by name and the options each takes, with their defaults. What an option does is
//! in the module of its rule.

/// A rule of the linter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // The names are the documentation.
pub enum Rule {
    Anchors,
    Braces,
    Brackets,
    Colons,
    Commas,
    Comments,
    CommentsIndentation,
    DocumentEnd,
    DocumentStart,
    EmptyLines,
    EmptyValues,
    FloatValues,
    Hyphens,
    Indentation,
    KeyDuplicates,
    KeyOrdering,
    LineLength,
    NewLineAtEndOfFile,
    NewLines,
    OctalValues,
    QuotedStrings,
    TrailingSpaces,
    Truthy,
    /// Scalars that YAML 1.1 and YAML 1.2 read differently.
    TwoReaders,
    /// The text is no YAML; always on.
    Syntax,
}

/// What may be written for an option.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Bool,
    Int,
    BoolOr(&'static [&'static str]),
    IntOr(&'static [&'static str]),
    Choice(&'static [&'static str]),
    /// A list of words out of these.
    Words(&'static [&'static str]),
    /// A list of regular expressions.
    Patterns,
}

/// An option's value where none is written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Default {
    Bool(bool),
    Int(i64),
    Word(&'static str),
    Words(&'static [&'static str]),
    NoPatterns,
}

/// Name, kind and default of an option.
pub(crate) type OptionEntry = (&'static str, Kind, Default);

const TRUTHY: &[&str] = &[
    "YES", "Yes", "yes", "NO", "No", "no", "TRUE", "True", "true", "FALSE", "False", "false", "ON",
    "On", "on", "OFF", "Off", "off",
];

const INSIDE: &[OptionEntry] = &[
    ("forbid", Kind::BoolOr(&["non-empty"]), Default::Bool(false)),
    ("min-spaces-inside", Kind::Int, Default::Int(0)),
    ("max-spaces-inside", Kind::Int, Default::Int(0)),
    ("min-spaces-inside-empty", Kind::Int, Default::Int(-1)),
    ("max-spaces-inside-empty", Kind::Int, Default::Int(-1)),
];

const PRESENT: &[OptionEntry] = &[("present", Kind::Bool, Default::Bool(true))];

impl Rule {
    /// All that a configuration can name.
    pub(crate) const ALL: [Rule; 24] = [
        Rule::Anchors,
        Rule::Braces,
        Rule::Brackets,
        Rule::Colons,
        Rule::Commas,
        Rule::Comments,
        Rule::CommentsIndentation,
        Rule::DocumentEnd,
        Rule::DocumentStart,
        Rule::EmptyLines,
        Rule::EmptyValues,
        Rule::FloatValues,
        Rule::Hyphens,
        Rule::Indentation,
        Rule::KeyDuplicates,
        Rule::KeyOrdering,
        Rule::LineLength,
        Rule::NewLineAtEndOfFile,
        Rule::NewLines,
        Rule::OctalValues,
        Rule::QuotedStrings,
        Rule::TrailingSpaces,
        Rule::Truthy,
        Rule::TwoReaders,
    ];

    /// As configurations and findings write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Rule::Anchors => "anchors",
            Rule::Braces => "braces",
            Rule::Brackets => "brackets",
            Rule::Colons => "colons",
            Rule::Commas => "commas",
            Rule::Comments => "comments",
            Rule::CommentsIndentation => "comments-indentation",
            Rule::DocumentEnd => "document-end",
            Rule::DocumentStart => "document-start",
            Rule::EmptyLines => "empty-lines",
            Rule::EmptyValues => "empty-values",
            Rule::FloatValues => "float-values",
            Rule::Hyphens => "hyphens",
            Rule::Indentation => "indentation",
            Rule::KeyDuplicates => "key-duplicates",
            Rule::KeyOrdering => "key-ordering",
            Rule::LineLength => "line-length",
            Rule::NewLineAtEndOfFile => "new-line-at-end-of-file",
            Rule::NewLines => "new-lines",
            Rule::OctalValues => "octal-values",
            Rule::QuotedStrings => "quoted-strings",
            Rule::TrailingSpaces => "trailing-spaces",
            Rule::Truthy => "truthy",
            Rule::TwoReaders => "two-readers",
            Rule::Syntax => "syntax",
        }
    }

    /// The rule of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.name() == name)
    }

    /// The options a configuration may set, besides `level` and the patterns of ignored files.
    pub(crate) fn options(self) -> &'static [OptionEntry] {
        match self {
            Rule::Braces | Rule::Brackets => INSIDE,
            Rule::DocumentEnd | Rule::DocumentStart => PRESENT,
            Rule::Anchors => &[
                ("forbid-undeclared-aliases", Kind::Bool, Default::Bool(true)),
                (
                    "forbid-duplicated-anchors",
                    Kind::Bool,
                    Default::Bool(false),
                ),
                ("forbid-unused-anchors", Kind::Bool, Default::Bool(false)),
            ],
            Rule::Colons => &[
                ("max-spaces-before", Kind::Int, Default::Int(0)),
                ("max-spaces-after", Kind::Int, Default::Int(1)),
            ],
            Rule::Commas => &[
                ("max-spaces-before", Kind::Int, Default::Int(0)),
                ("min-spaces-after", Kind::Int, Default::Int(1)),
                ("max-spaces-after", Kind::Int, Default::Int(1)),
            ],
            Rule::Comments => &[
                ("require-starting-space", Kind::Bool, Default::Bool(true)),
                ("ignore-shebangs", Kind::Bool, Default::Bool(true)),
                ("min-spaces-from-content", Kind::Int, Default::Int(2)),
            ],
            Rule::Hyphens => &[("max-spaces-after", Kind::Int, Default::Int(1))],
            Rule::KeyOrdering => &[("ignored-keys", Kind::Patterns, Default::NoPatterns)],
            Rule::Truthy => &[
                (
                    "allowed-values",
                    Kind::Words(TRUTHY),
                    Default::Words(&["true", "false"]),
                ),
                ("check-keys", Kind::Bool, Default::Bool(true)),
            ],
            _ => self.more_options(),
        }
    }

    fn more_options(self) -> &'static [OptionEntry] {
        match self {
            Rule::EmptyLines => &[
                ("max", Kind::Int, Default::Int(2)),
                ("max-start", Kind::Int, Default::Int(0)),
                ("max-end", Kind::Int, Default::Int(0)),
            ],
            Rule::EmptyValues => &[
                ("forbid-in-block-mappings", Kind::Bool, Default::Bool(true)),
                ("forbid-in-flow-mappings", Kind::Bool, Default::Bool(true)),
                ("forbid-in-block-sequences", Kind::Bool, Default::Bool(true)),
            ],
            Rule::FloatValues => &[
                (
                    "require-numeral-before-decimal",
                    Kind::Bool,
                    Default::Bool(false),
                ),
                (
                    "forbid-scientific-notation",
                    Kind::Bool,
                    Default::Bool(false),
                ),
                ("forbid-nan", Kind::Bool, Default::Bool(false)),
                ("forbid-inf", Kind::Bool, Default::Bool(false)),
            ],
            Rule::Indentation => &[
                (
                    "spaces",
                    Kind::IntOr(&["consistent"]),
                    Default::Word("consistent"),
                ),
                (
                    "indent-sequences",
                    Kind::BoolOr(&["whatever", "consistent"]),
                    Default::Bool(true),
                ),
                ("check-multi-line-strings", Kind::Bool, Default::Bool(false)),
            ],
            Rule::KeyDuplicates => &[(
                "forbid-duplicated-merge-keys",
                Kind::Bool,
                Default::Bool(false),
            )],
            Rule::LineLength => &[
                ("max", Kind::Int, Default::Int(80)),
                ("allow-non-breakable-words", Kind::Bool, Default::Bool(true)),
                (
                    "allow-non-breakable-inline-mappings",
                    Kind::Bool,
                    Default::Bool(false),
                ),
            ],
            Rule::NewLines => &[(
                "type",
                Kind::Choice(&["unix", "dos", "platform"]),
                Default::Word("unix"),
            )],
            Rule::OctalValues => &[
                ("forbid-implicit-octal", Kind::Bool, Default::Bool(true)),
                ("forbid-explicit-octal", Kind::Bool, Default::Bool(true)),
            ],
            Rule::QuotedStrings => &[
                (
                    "quote-type",
                    Kind::Choice(&["any", "single", "double", "consistent"]),
                    Default::Word("any"),
                ),
                (
                    "required",
                    Kind::BoolOr(&["only-when-needed"]),
                    Default::Bool(true),
                ),
                ("extra-required", Kind::Patterns, Default::NoPatterns),
                ("extra-allowed", Kind::Patterns, Default::NoPatterns),
                ("allow-quoted-quotes", Kind::Bool, Default::Bool(false)),
                ("check-keys", Kind::Bool, Default::Bool(false)),
            ],
            _ => &[],
        }
    }
}
