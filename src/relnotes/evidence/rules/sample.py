"""A small sound collection; every rule shows itself by one change to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules.register import Example
from relnotes.evidence.schema import Schema, house_schema

SAMPLE: Mapping[str, str] = {
    "frameworks.csv": """\
framework_id,label,short_label,kind,setting,jurisdiction,people,year,stated_count,completeness,source,certainty,note
bond,The bond model,Bond,model,probation,Utopia,people on probation,2001,2,complete,doe-2001[p. 3],verified,
plan,The plan model,Plan,model,youth justice,Utopia,children,2002,not_reported,complete,roe-2002[p. 5],verified,
""",
    "elements.csv": """\
element_id,framework_id,framework_label,number,layer,wording,gloss,source,certainty,note
bond-01,bond,Bond,1,not_applicable,mutual trust,Each relies on the other.,doe-2001[p. 3],verified,
bond-02,bond,Bond,2,not_applicable,agreed goals,Both want the same end.,doe-2001[p. 3],verified,
plan-01,plan,Plan,1,not_applicable,shared goals,Aims are set together.,roe-2002[p. 5],verified,
plan-02,plan,Plan,2,not_applicable,being believed,The worker relies on what is said.,roe-2002[p. 5],verified,
""",
    "concepts.csv": """\
concept_id,label,theme,definition,include,exclude,terms,broader,example,borderline,note
goals,Goals,Direction,Aims that are agreed.,Shared aims.,Tasks.,goals;aims,not_applicable,bond-02,plan-01,
trust,Trust,Bond,Relying on the other.,Trust either way.,Respect.,trust;trusting,not_applicable,bond-01,plan-02,
""",
    "crosswalk.csv": """\
element_id,element_wording,concept_id,concept_label,relation,basis,reason,coder
bond-01,mutual trust,trust,Trust,close,explicit,The wording holds the term ‘trust’.,lexical
bond-01,mutual trust,trust,Trust,exact,explicit,Trust is named.,reading
bond-02,agreed goals,goals,Goals,close,explicit,The wording holds the term ‘goals’.,lexical
bond-02,agreed goals,goals,Goals,exact,explicit,Goals are named and agreed.,reading
plan-01,shared goals,goals,Goals,close,explicit,The wording holds the term ‘goals’.,lexical
plan-01,shared goals,goals,Goals,exact,explicit,Goals are named and shared.,reading
plan-02,being believed,trust,Trust,related,interpreted,To believe somebody is to trust their word.,reading
""",
    "studies.csv": """\
key,origin,document_type,publisher,report_of,overlaps_with,design,setting,jurisdiction,voices,named_in_text,verification,source,note
doe-2001,listed,journal article,Society of Examples,not_applicable,not_applicable,survey,probation,Utopia,practitioners,yes,verified,page-nd-sample[references.1],
page-nd-sample,added,web page,Office of Examples,not_applicable,not_applicable,not_applicable,probation,Utopia,not_applicable,not_applicable,verified,page-nd-sample,
roe-2002,named,book,Example Press,not_applicable,not_applicable,not_coded,youth justice,Utopia,not_coded,yes,verified,page-nd-sample[intro.1],
""",
    "claims.csv": """\
claim_id,statement,theme,beneficiary,strength,setting,people,source,cites
c001,Trust helps people to keep going.,engagement,people on probation,evidence suggests,probation,adults,page-nd-sample[intro.1],doe-2001
""",
    "claim_concepts.csv": """\
claim_id,claim_statement,concept_id,concept_label,direction,reason
c001,Trust helps people to keep going.,trust,Trust,for,Trust is said to help.
""",
    "findings.csv": """\
finding_id,key,outcome,outcome_definition,follow_up,measure,value,comparison_value,estimate,ci_low,ci_high,ci_level,studies,participants,participants_bound,comparison,direction,source,certainty,note
f001,doe-2001,completion,not_reported,12 months,r,not_applicable,not_applicable,0.25,0.10,0.40,95,3,120,exact,stronger against weaker bond,favourable,doe-2001[p. 4],verified,
f002,roe-2002,completion,not_reported,not_reported,direction_only,not_applicable,not_applicable,not_reported,not_reported,not_reported,not_applicable,not_reported,not_reported,not_applicable,more against fewer meetings,favourable,roe-2002[p. 9],verified,
""",
    "corrections.csv": """\
key,field,printed,corrected,passage_id,reason,source,certainty,expect
doe-2001,year,2011,2001,references.1,The title page says 2001.,doe-2001[title page],verified,(2011)
""",
    "passages.csv": """\
passage_id,section,kind,number,anchor,words,fingerprint,sentences
intro.0,intro,heading,0,About trust,2,"""
    + "0" * 64
    + """,000000000000
intro.1,intro,paragraph,1,Evidence suggests that trust helps people,9,"""
    + "1" * 64
    + """,111111111111
references.1,references,reference,1,"Doe, J. (2011)",8,"""
    + "2" * 64
    + """,222222222222
""",
    "events.csv": """\
event_id,year,label,kind,jurisdiction,source,certainty,note
rules-2003,2003,Rules adopted,rules,Utopia,roe-2002[p. 1],verified,
""",
    "retired.csv": """\
table,id,reason,replacement
concepts,faith,Merged into trust.,trust
""",
    "vocabularies.csv": """\
list,term,label,broader,definition,lowest,highest,null,scale
""",
    "waivers.csv": """\
table,id,rule,reason
""",
    "references.bib": """\
@article{doe-2001,
  author  = {Doe, Jane},
  title   = {Trust in probation},
  journal = {Journal of Examples},
  year    = {2001},
  volume  = {3},
  number  = {2},
  pages   = {1--9},
  doi     = {10.1000/example.1},
}

@online{page-nd-sample,
  author = {{Office of Examples}},
  title  = {About trust},
  url    = {https://example.org/trust},
}

@book{roe-2002,
  author    = {Roe, Richard},
  title     = {Plans},
  publisher = {Example Press},
  year      = {2002},
  isbn      = {978-0-306-40615-7},
}
""",
}
"""File name to content."""


def sample_with(example: Example) -> Evidence:
    """Return the sample collection with one change made to it.

    Raises
    ------
    ValueError
        If the text to change does not stand in the sample.
    """
    texts = dict(SAMPLE)
    if example.new is None:
        del texts[example.file]
    elif example.old:
        if example.old not in texts[example.file]:
            raise ValueError(f"{example.file} of the sample does not hold {example.old!r}")
        texts[example.file] = texts[example.file].replace(example.old, example.new, 1)
    else:
        texts[example.file] = example.new
    return Evidence.of_texts(texts, sample_schema())


def sample_schema() -> Schema:
    """Return the house schema with the sample's own source page and coding."""
    return replace(house_schema(), title="A sample", page="page-nd-sample", coding="reading")
