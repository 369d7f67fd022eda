//! The Python package's native half: it turns Python's objects into the library's types and back, and decides nothing.
//!
//! | file | job |
//! | --- | --- |
//! | `registry`, `sealed`, `scanner`, `batch`, `report` | the classes |
//! | `adding` | works into a registry, with progress |
//! | `table` | Arrow in, Arrow out |
//! | `scale` | a registry as tables |
//! | `works`, `value` | Python's objects to works, and to JSON |
//! | `errors` | the one table of errors |
//! | `runtime` | the one place that frees the interpreter's lock, and the threads of this process |
//! | `command` | the command line |

// Comments of classes and methods are their docstrings: they speak to who writes Python, and their examples are run.
#![allow(unreachable_pub)]

mod adding;
mod batch;
mod command;
mod errors;
mod registry;
mod report;
mod runtime;
mod scale;
mod scanner;
mod sealed;
mod table;
mod value;
mod works;

/// The command line's allocator, for the same reason: a scan makes many small things.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[pyo3::pymodule]
mod _native {
    #[pymodule_export]
    use crate::adding::Added;
    #[pymodule_export]
    use crate::batch::ReportIterator;
    #[pymodule_export]
    use crate::command::main;
    #[pymodule_export]
    use crate::registry::{Finding, Info, Registry, WorkIterator, check, compact, restore_registry};
    #[pymodule_export]
    use crate::report::{
        Coverage, Edit, LetterCounts, Match, Quote, Report, SealedFindings, SealedMatch, Span, WordCounts,
        WorkShare,
    };
    #[pymodule_export]
    use crate::scale::Statistics;
    #[pymodule_export]
    use crate::scanner::{Scanner, restore_scanner};
    #[pymodule_export]
    use crate::sealed::{SealKey, SealedFile};
    #[pymodule_export]
    use crate::table::ArrowTable;

    #[pymodule_export]
    #[allow(non_upper_case_globals)]
    const __version__: &str = nagalm::VERSION;
}
