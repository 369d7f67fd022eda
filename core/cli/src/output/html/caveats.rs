//! What every page says about its own limits.

use maud::{Markup, html};

/// What the findings show and what they do not, in plain words.
pub(super) fn caveats() -> Markup {
    html! {
        section.caveats id="caveats" {
            h2 { "What this shows, and what it does not" }
            ul {
                li {
                    strong { "Evidence, not a judgement. " }
                    "The page shows which words of an output stand, in the same order, in a registered work. Whether \
                     that is an infringement, a quotation, a licensed use or a coincidence is for people to decide. \
                     The rights in a work, and whether any are left, are not examined here."
                }
                li {
                    strong { "How unlikely is chance? " }
                    "“Less than once in a million scans” means: of a million texts of this length that have nothing \
                     to do with the registry, fewer than one would show a match this good. Rare words and long runs \
                     weigh more than common ones. The figure says how improbable a coincidence is, not how probable \
                     it is that the work was in the training data."
                }
                li {
                    strong { "Common phrases. " }
                    "Sayings, set phrases and lines that stand in many works prove little; such matches weigh less, \
                     and short ones are left out. Both the work and the output may also follow a third text, an \
                     older song or the Bible, that is not registered."
                }
                li {
                    strong { "Altered passages. " }
                    "Words that were changed, added or left out are marked as such and are not counted as equal. A \
                     passage with many changes may be an echo of the work or of something that resembles it: read \
                     both texts."
                }
                li {
                    strong { "What is not found. " }
                    "Translation and imitation of a style leave few equal words and are not reported; paraphrase only \
                     where the scan looked for meaning. Nor is anything from works that are not in the registry. An output without matches says \
                     nothing about what a model was trained on."
                }
                li {
                    strong { "Prompts matter. " }
                    "An output says more about a model where the prompt was simple and did not contain the text \
                     itself. Prompt, model and date stand beside each output as the input gave them; they were not \
                     verified."
                }
                li {
                    strong { "How to check. " }
                    "The SHA-256 ties each finding to one exact text, the registry hash to one exact set of works, \
                     so that others who hold both can repeat the scan."
                }
            }
        }
    }
}
