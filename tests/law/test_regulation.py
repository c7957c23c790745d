"""Golden: what the regulation file says, value by value. Changing the law changes this file knowingly."""

from datetime import date, time
from importlib.resources import files

import pytest
import yaml
from pydantic import ValidationError

from law.judgements import Capacity
from law.regulation import Condition, NoRegulationInForce, Readings, Regulation, in_force_on, load
from law.vocabulary import DocumentKind, EvidenceKind, Outcome, Recipient, Role, Term, Unit, WaitKind

DUTY, RIGHT = WaitKind.DUTY, WaitKind.RIGHT
DAYS, WORKING, YEARS = Unit.CALENDAR_DAYS, Unit.WORKING_DAYS, Unit.YEARS

# term: amount, unit, kind, owed by, role, internal, rests on, reading
TERMS = {
    Term.INSPECTION_NOTICE: (3, WORKING, DUTY, "执法人员", Role.OFFICER, True, "§5", True),
    Term.TEST_REPORT: (None, DAYS, DUTY, "承检机构", Role.LAB, False, "§6", False),
    Term.PARCEL_LOST: (5, WORKING, DUTY, "执法人员", Role.OFFICER, True, "§5", True),
    Term.REPORT_TAKEN_IN: (2, WORKING, DUTY, "执法人员", Role.OFFICER, True, "§6", True),
    Term.RESULT_NOTICE: (5, WORKING, DUTY, "执法人员", Role.OFFICER, False, "§6", False),
    Term.OBJECTION: (15, DAYS, RIGHT, "网络商品经营者或标称生产者", None, False, "§6", False),
    Term.APPLICATION_COMPLETED: (10, WORKING, DUTY, "分管负责人", Role.APPROVER, True, "§6", True),
    Term.RETEST_DECISION: (5, WORKING, DUTY, "分管负责人", Role.APPROVER, True, "§6", True),
    Term.RETEST_LABORATORY: (3, WORKING, DUTY, "执法人员", Role.OFFICER, True, "§6", True),
    Term.REOPENING: (5, WORKING, DUTY, "分管负责人", Role.APPROVER, True, "§6", True),
    Term.RETEST_FORMALITIES: (7, DAYS, RIGHT, "复检申请人", None, False, "§6", False),
    Term.RETEST_LABORATORY_FORMALITIES: (7, DAYS, DUTY, "复检机构", Role.LAB, False, "§6", False),
    Term.RETEST_SEALED: (10, WORKING, DUTY, "执法人员", Role.OFFICER, True, "§6", True),
    Term.RETEST_REPORT: (None, DAYS, DUTY, "复检机构", Role.LAB, False, "§6", False),
    Term.RETEST_RESULT_NOTICE: (5, WORKING, DUTY, "执法人员", Role.OFFICER, False, "§6", False),
    Term.PUBLICATION: (5, WORKING, DUTY, "市局", Role.OFFICER, True, "§7", True),
    Term.REFERRAL_DIRECTED: (5, WORKING, DUTY, "执法人员", Role.OFFICER, True, "§7", True),
    Term.REFERRAL_ACKNOWLEDGED: (10, WORKING, DUTY, "属地区、县（市）局", Role.OFFICER, True, "§7", True),
    Term.REFERRAL_CONCLUDED: (90, DAYS, DUTY, "属地区、县（市）局", Role.OFFICER, True, "§7", True),
    Term.RETURN_CONFIRMED: (3, WORKING, DUTY, "执法人员", Role.OFFICER, True, "§6", True),
    Term.LETTER_POSTED: (3, WORKING, DUTY, "执法人员", Role.OFFICER, True, "§6", True),
    Term.DELIVERY_RECORDED: (10, WORKING, DUTY, "执法人员", Role.OFFICER, True, "§6", True),
    Term.CORRECTION_CONFIRMED: (
        3,
        WORKING,
        DUTY,
        "处室负责人或分管负责人",
        Role.SUPERVISOR,
        True,
        "规程第10节",
        True,
    ),
    Term.EVIDENCE_KEPT: (2, YEARS, DUTY, "证据保管人", Role.OFFICER, False, "§5", True),
}

PLATFORM = (Recipient.PLATFORM, Condition.PLATFORM_USED)
RECIPIENTS = {
    DocumentKind.COMMISSION_LETTER: [(Recipient.LABORATORY, Condition.ALWAYS)],
    DocumentKind.INSPECTION_NOTICE: [(Recipient.SELLER, Condition.ALWAYS), PLATFORM],
    DocumentKind.RESULT_NOTICE: [
        (Recipient.SELLER, Condition.ALWAYS),
        (Recipient.PRODUCER, Condition.NONCONFORMING),
        PLATFORM,
    ],
    DocumentKind.ANNOUNCEMENT: [(Recipient.PUBLIC, Condition.ALWAYS)],
    DocumentKind.RETEST_LAB_NOTICE: [
        (Recipient.APPLICANT, Condition.ALWAYS),
        (Recipient.RETEST_LABORATORY, Condition.ALWAYS),
    ],
    DocumentKind.RETEST_REFUSAL: [(Recipient.APPLICANT, Condition.ALWAYS)],
    DocumentKind.RETEST_RESULT_NOTICE: [(Recipient.APPLICANT, Condition.ALWAYS), PLATFORM],
    DocumentKind.LATE_FILING_NOTICE: [(Recipient.APPLICANT, Condition.ALWAYS)],
    DocumentKind.REOPENING_REFUSAL: [(Recipient.APPLICANT, Condition.ALWAYS)],
    DocumentKind.PUBLICATION: [(Recipient.PUBLIC, Condition.ALWAYS)],
    DocumentKind.WITHDRAWAL_NOTICE: [],
    DocumentKind.VOIDANCE_NOTICE: [],
    DocumentKind.PUBLICATION_CORRECTION: [(Recipient.PUBLIC, Condition.ALWAYS)],
    DocumentKind.REFERRAL_LETTER: [
        (Recipient.AUTHORITY, Condition.ALWAYS),
        (Recipient.ONLINE_SUPERVISION_OFFICE, Condition.REFERRAL_COPIED),
    ],
    DocumentKind.REFERRAL_CORRECTION: [
        (Recipient.AUTHORITY, Condition.ALWAYS),
        (Recipient.ONLINE_SUPERVISION_OFFICE, Condition.REFERRAL_COPIED),
    ],
}

CARRIED = {
    DocumentKind.COMMISSION_LETTER: "scheme items standards testing_period contract",
    DocumentKind.INSPECTION_NOTICE: "goods order sampling sealing participants rights",
    DocumentKind.RESULT_NOTICE: "verdict items right_to_retest last_day how_counted",
    DocumentKind.ANNOUNCEMENT: "seller goods_name spec_model goods_link order_number platform last_day",
    DocumentKind.RETEST_LAB_NOTICE: "laboratory items formalities last_day",
    DocumentKind.RETEST_REFUSAL: "reasons",
    DocumentKind.RETEST_RESULT_NOTICE: "first_result retest_result",
    DocumentKind.PUBLICATION: "seller sample_name nominal_trademark nominal_producer producer_disowned "
    "spec_model production_date nonconforming_items conclusion platform correction",
    DocumentKind.REFERRAL_LETTER: "case_index",
    DocumentKind.LATE_FILING_NOTICE: "application filed_on last_day reasons",
    DocumentKind.REOPENING_REFUSAL: "application last_day reasons",
    DocumentKind.WITHDRAWAL_NOTICE: "withdrawn reasons consequence",
    DocumentKind.VOIDANCE_NOTICE: "withdrawn reasons",
    DocumentKind.PUBLICATION_CORRECTION: "seller sample_name spec_model corrected grounds conclusion",
    DocumentKind.REFERRAL_CORRECTION: "corrected situation handling",
}


@pytest.mark.parametrize("term", Term)
def test_every_term_is_as_the_procedure_states_it(reg: Regulation, term: Term) -> None:
    """Amount, unit, kind, who owes it, whether it is internal, and its section are those of section 4."""
    rule = reg.terms[term]
    said = (
        rule.amount,
        rule.unit,
        rule.kind,
        rule.owed_by,
        rule.role,
        rule.internal,
        rule.rests_on,
        rule.reading,
    )
    assert said == TERMS[term]
    assert rule.term is term


def test_silence_of_a_party_has_the_effect_the_text_gives_it(reg: Regulation) -> None:
    """No objection is acceptance, no formalities are abandonment and so acceptance (§6)."""
    assert reg.terms[Term.OBJECTION].on_silence == "视为对检验结果无异议"
    assert reg.terms[Term.RETEST_FORMALITIES].on_silence == "视为放弃复检，视为对检验结果无异议"


def test_only_the_keeping_of_evidence_does_not_escalate(reg: Regulation) -> None:
    """The two years are a shortest time to keep: nothing is late when they end (§5)."""
    assert [term for term, rule in reg.terms.items() if not rule.escalates] == [Term.EVIDENCE_KEPT]


@pytest.mark.parametrize("kind", DocumentKind)
def test_every_document_goes_to_whom_the_procedure_names(reg: Regulation, kind: DocumentKind) -> None:
    """Addressees with their conditions, and what the paper must say, are those of section 6."""
    rule = reg.recipients[kind]
    assert [(addressee.to, addressee.when) for addressee in rule.addressees] == RECIPIENTS[kind]
    assert [field.name for field in rule.must_carry] == CARRIED[kind].split()
    assert rule.kind is kind


def test_worksheet_and_reports_go_with_their_notices(reg: Regulation) -> None:
    """The inspection notice encloses the worksheet (§5), each notice of a result its report (§6)."""
    enclosed = {kind: [paper.name for paper in rule.encloses] for kind, rule in reg.recipients.items()}
    assert enclosed[DocumentKind.INSPECTION_NOTICE] == ["worksheet"]
    assert enclosed[DocumentKind.RESULT_NOTICE] == ["report"]
    assert enclosed[DocumentKind.RETEST_RESULT_NOTICE] == ["report"]


def test_the_ladder_climbs_from_the_supervisor_to_the_head(reg: Regulation) -> None:
    """Reminders go out at nine, one working day before; then three levels are told."""
    assert reg.ladder.remind_at == time(9, 0)
    assert reg.ladder.working_days_before == 1
    assert [(rung.level, rung.title, rung.role) for rung in reg.ladder.rungs] == [
        (1, "处室负责人", Role.SUPERVISOR),
        (2, "分管负责人", Role.APPROVER),
        (3, "主要负责人", Role.APPROVER),
    ]


def test_readings_are_as_the_procedure_chose_them(reg: Regulation) -> None:
    """Each switch, number and list has the value of the procedure."""
    assert reg.readings.model_dump(exclude={"citations"}) == {
        "proven_without_receipt": ("post", "oral"),
        "usual_postal_days": 3,
        "windows_open_for_conforming": True,
        "buyer_counts_among_two_and_two": False,
        "min_officers": 2,
        "min_lab_staff": 2,
        "agent_documents_only_for_agents": True,
        "late_receipt_grace_hours": 24,
        "told_last_day_is_kept": True,
        "announced_at_wrong_address_counts": False,
        "published_for_days": None,
        "laboratory_report_is_receipt": False,
        "evidence_read_with_reason": (EvidenceKind.RECORDING,),
        "retest_laboratory_must_differ": True,
        "higher_grade_laboratory_preferred": True,
        "samplings_per_year": 1,
        "outcomes_not_counted_as_sampling": (Outcome.ABANDONED, Outcome.VOIDED),
    }


def test_every_reading_says_where_it_comes_from(reg: Regulation) -> None:
    """No switch or number stands without its section; those the text states are not readings."""
    citations = reg.readings.citations
    assert set(citations) == set(Readings.model_fields) - {"citations"}
    assert {name for name, citation in citations.items() if not citation.reading} == {
        "min_officers",
        "min_lab_staff",
        "retest_laboratory_must_differ",
        "higher_grade_laboratory_preferred",
        "samplings_per_year",
    }


def test_the_lists_of_the_text_are_complete(reg: Regulation) -> None:
    """Four grounds for an emergency (§3), five approval papers and four signatories of re-sealing (§6)."""
    assert [ground.code for ground in reg.emergency_grounds] == [
        "concentrated_complaints",
        "authority_notification",
        "safety_incident",
        "other",
    ]
    assert [(document.code, document.agent_only) for document in reg.approval_documents] == [
        ("result_notice_receipt", False),
        ("written_application", False),
        ("applicant_qualification", False),
        ("power_of_attorney", True),
        ("agent_identity", True),
    ]
    assert {Capacity(signatory.code) for signatory in reg.resealing_signatories} == {
        Capacity.APPLICANT,
        Capacity.ORIGINAL_LABORATORY,
        Capacity.RETEST_LABORATORY,
        Capacity.OFFICER,
    }


def test_the_city_has_its_thirteen_districts_and_counties(reg: Regulation) -> None:
    """Referral goes to a district, county or county-level city bureau by name (§7)."""
    assert " ".join(reg.bureaus.districts) == (
        "上城区 拱墅区 西湖区 滨江区 萧山区 余杭区 临平区 钱塘区 富阳区 临安区 桐庐县 淳安县 建德市"
    )
    assert reg.bureaus.districts["西湖区"] == "杭州市西湖区市场监督管理局"
    assert reg.bureaus.districts["建德市"] == "建德市市场监督管理局"
    assert reg.bureaus.municipal_bureau == "杭州市市场监督管理局"


def test_the_regulation_is_in_force_from_its_first_day(reg: Regulation) -> None:
    """In force since 2018-07-01 and without an end; the day before, there is none."""
    assert in_force_on(date(2018, 7, 1)) == reg
    assert (reg.id, reg.in_force_from, reg.in_force_to) == ("hangzhou-2018", date(2018, 7, 1), None)
    with pytest.raises(NoRegulationInForce, match="2018-06-30没有生效"):
        in_force_on(date(2018, 6, 30))


def test_a_regulation_ends_with_its_last_day(reg: Regulation) -> None:
    """The last day in force is still in force."""
    ended = reg.model_copy(update={"in_force_to": date(2026, 12, 31)})
    assert ended.covers(date(2026, 12, 31))
    assert not ended.covers(date(2027, 1, 1))


def test_the_regulation_survives_its_journey(reg: Regulation) -> None:
    """A batch's copy of the law is the same after it has been written down as JSON and read again."""
    assert Regulation.model_validate_json(reg.model_dump_json()) == reg


def test_a_batch_reads_its_law_under_a_smaller_vocabulary(reg: Regulation) -> None:
    """History of a batch stays readable when later versions drop a field or know one more term."""
    raw = reg.model_dump(mode="json")
    del raw["terms"]["evidence_kept"]
    raw["dropped_later"] = True
    assert Term.EVIDENCE_KEPT not in Regulation.model_validate(raw).terms


DROPPED = object()


def _faulty(path: str, value: object) -> str:
    """The regulation file with the value at ``path`` replaced, or dropped."""
    raw = yaml.safe_load((files("law") / "regulations" / "hangzhou-2018.yaml").read_text("utf-8"))
    *way, last = path.split("/")
    place = raw
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    if value is DROPPED:
        del place[last]
    else:
        place[last] = value
    return yaml.safe_dump(raw, allow_unicode=True)


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("terms/objection", DROPPED, "term objection has no rule"),
        ("recipients/publication", DROPPED, "document publication has no recipients"),
        ("recipients/publication/number_form", "〔{year}〕号", "document numbers"),
        ("recipients/publication/number_form", "杭市监网抽结〔{year}〕{number}号", "document numbers"),
        ("ladder/rungs/1/level", 3, "ladder levels"),
        ("terms/objection/on_silence", None, "term objection does not say"),
        ("terms/objection/role", "officer", "term objection: a duty is the task of a role"),
        ("terms/result_notice/role", None, "term result_notice: a duty is the task of a role"),
        ("terms/objection/internal", True, "cannot be an internal target"),
        ("in_force_to", date(2017, 1, 1), "in_force_to is before"),
        ("emergency_grounds", [], "codes must be present and distinct"),
        ("approval_documents/0/code", "agent_identity", "codes must be present and distinct"),
    ],
)
def test_an_incomplete_file_is_refused(path: str, value: object, complaint: str) -> None:
    """A regulation file with a gap or a contradiction never comes into force."""
    with pytest.raises(ValueError, match=complaint):
        load(_faulty(path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("terms/objection/amuont", 15),
        ("ladder/rungs/0/colour", "red"),
        ("terms/objection/rests_on", ""),
        ("terms/objection/rests_on", DROPPED),
        ("terms/objection/amount", 0),
        ("readings/min_officers", DROPPED),
        ("readings/min_officers/rests_on", DROPPED),
    ],
)
def test_a_misspelt_or_uncited_value_is_refused(path: str, value: object) -> None:
    """A field nobody knows, or a value without its section, never comes into force."""
    with pytest.raises(ValidationError):
        load(_faulty(path, value))
