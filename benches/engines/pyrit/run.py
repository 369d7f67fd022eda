"""PyRIT's PlagiarismScorer: every output against every work."""

import importlib.util
import sys
import types
from importlib.metadata import files
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from protocol import serve


def scorer_module():
    """The module as it was released. Its imports from the rest of PyRIT are base classes and types, which stand empty here:
    loading them would bring forty packages."""

    class Base:
        def __init__(self, *args, **named):
            pass

    for name, members in {
        "pyrit": [],
        "pyrit.models": ["ComponentIdentifier", "MessagePiece", "Score"],
        "pyrit.score": [],
        "pyrit.score.float_scale": [],
        "pyrit.score.float_scale.float_scale_scorer": ["MessageFloatScaleScorer"],
        "pyrit.score.scorer_prompt_validator": ["ScorerPromptValidator"],
    }.items():
        module = types.ModuleType(name)
        for member in members:
            setattr(module, member, type(member, (Base,), {}))
        sys.modules[name] = module
    path = next(file for file in files("pyrit") if file.name == "plagiarism_scorer.py").locate()
    spec = importlib.util.spec_from_file_location("plagiarism_scorer", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def build(works):
    module = scorer_module()
    metric, least = module.PlagiarismMetric(sys.argv[1]), float(sys.argv[2])
    scorers = [
        (name, text, module.PlagiarismScorer(reference_text=text, metric=metric)) for name, text in works
    ]

    def scan(text):
        found = []
        for name, reference, scorer in scorers:
            if scorer._plagiarism_score(text, reference, metric, scorer.n) >= least:
                found.append((name, None, None))
        return found

    return scan


serve(build)
