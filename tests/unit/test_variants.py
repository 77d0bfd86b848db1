"""Variants: how they are named, chosen and refused, and that equal ones are pooled alone."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

import tasks
from bench.campaign.environments import environment, on_backend, place_of
from bench.campaign.estimate import run_seconds
from bench.campaign.plan import missing, plan
from bench.campaign.setup import new_campaign
from bench.campaign.variants import product_size, variants
from bench.contract.gpus import names
from bench.errors import UsageError
from bench.evidence.pools import newest, pools, same_work
from bench.evidence.variants import called, file_part, natural, parts, variant_name
from bench.verdict.prices import rent_spoken
from builders import record as ok_record
from verdict_builders import units

SETTINGS = st.dictionaries(
    st.from_regex(r"[a-z_]{1,12}", fullmatch=True).filter(lambda name: name != "backend"),
    st.one_of(
        st.integers(1, 10**6),
        st.floats(0.25, 64).map(lambda x: round(x, 3)).filter(lambda x: x != int(x)),
        st.sampled_from(["cached", "mixed_float16", "on"]),
    ),
)


def test_the_plain_task_keeps_its_plain_name():
    assert variant_name("fashion", {"backend": "tensorflow"}) == "fashion"


def test_a_variant_is_named_by_what_differs():
    variant = {"backend": "jax", "width": 0.5, "batch_size": 512}

    assert variant_name("fashion", variant) == "fashion[backend=jax,batch_size=512,width=0.5]"


@given(SETTINGS, st.sampled_from(["tensorflow", "jax"]))
def test_a_name_says_the_whole_variant(settings, backend):
    variant = {"backend": backend} | settings

    assert parts(variant_name("glosses", variant)) == ("glosses", variant)


@pytest.mark.parametrize("name", ["", "a[", "a[b]", "a[b=]", "a[=1]", "a[b=1]c", "a[b=1][c=2]"])
def test_what_is_no_name_of_a_variant_is_refused(name):
    with pytest.raises(ValueError, match="no name of a variant"):
        parts(name)


@given(SETTINGS)
def test_a_name_is_safe_as_a_file_and_as_a_container(settings):
    name = file_part(variant_name("fashion", {"backend": "jax"} | settings))

    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_.-")


def test_numbers_in_names_sort_as_numbers():
    names = ["fashion[batch_size=512]", "fashion[batch_size=32]", "glosses", "fashion"]

    assert sorted(names, key=natural) == [names[3], names[1], names[0], names[2]]


def test_all_products_are_made_and_the_calibrated_value_is_the_plain_task():
    found = variants(("fashion",), ("batch_size=32,128", "width=1,2"), ())

    assert found == (
        "fashion[batch_size=32]",
        "fashion[batch_size=32,width=2]",
        "fashion",
        "fashion[width=2]",
    )
    assert product_size(("batch_size=32,128", "width=1,2")) == 4


def test_two_ways_to_say_one_value_are_one_variant():
    assert variants(("fashion",), ("width=2,2.0",), ()) == ("fashion[width=2]",)


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ("batch_size", "say KNOB=VALUE"),
        ("batch_size=", "say KNOB=VALUE"),
        ("=32", "say KNOB=VALUE"),
        ("depth=2", "line has no knob depth; it has backend, batch_size"),
        ("batch_size=7", "a whole number from 1 to 6"),
        ("batch_size=0", "a whole number from 1 to 6"),
        ("batch_size=1.5", "a whole number from 1 to 6"),
        ("batch_size=nan", "a whole number from 1 to 6"),
        ("batch_size=many", "a whole number from 1 to 6"),
        ("precision=float8", "one of float32, mixed_float16, mixed_bfloat16"),
        ("backend=torch", "one of tensorflow, jax"),
    ],
)
def test_bad_values_are_one_line_that_says_what_may_be(vary, said):
    with pytest.raises(UsageError, match=said) as caught:
        variants(("line",), (vary,), ())

    assert "\n" not in str(caught.value)


def test_a_knob_that_is_named_twice_is_refused():
    with pytest.raises(UsageError, match="there twice"):
        variants(("line",), ("batch_size=1", "batch_size=2"), ())


def test_a_user_s_task_has_the_knobs_that_it_declares(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("from tasks.line import TASK\n")

    assert variants(("mine",), ("batch_size=2",), (file,)) == ("mine[batch_size=2]",)


@pytest.mark.parametrize("name", tasks.names())
def test_every_knob_reaches_what_it_turns_and_has_its_default(name):
    task = tasks.named(name)
    reached = {
        parameter.name: parameter.default
        for function in (task.load, task.build)
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default is not inspect.Parameter.empty
    }
    of_worker = {"batch_size": task.batch_size, "precision": "float32"}

    assert {k.name: k.default for k in task.knobs} == of_worker | reached


def test_a_round_holds_every_variant_and_its_ids_are_file_names():
    campaign = new_campaign(
        ("cpu",), ("fashion", "fashion[width=2]"), rounds=2, seed=1, epochs=None
    )

    runs = plan(campaign)

    assert [sorted(r.task for r in runs if r.round == n) for n in (1, 2)] == [
        ["fashion", "fashion[width=2]"]
    ] * 2
    assert {r.id.partition("cpu-")[2] for r in runs} == {"fashion", "fashion.width-2"}
    assert runs[0].variant["backend"] == "tensorflow"


def _of(variant, **changes):
    record = ok_record(**changes)
    fingerprint = f"{variant}"
    return replace(
        record,
        id=f"{record.id}-{variant.get('width', 1)}",
        task=replace(record.task, variant=variant, fingerprint=fingerprint),
    )


def test_a_resumed_campaign_runs_the_variants_that_have_no_record():
    campaign = new_campaign(
        ("cpu",), ("fashion", "fashion[width=2]"), rounds=1, seed=1, epochs=None
    )
    kept = _of({"backend": "tensorflow"})
    done = replace(kept, campaign=campaign, round=1)

    assert [run.task for run in missing(plan(campaign), [done])] == ["fashion[width=2]"]


def test_two_variants_are_both_the_newest_of_their_place():
    plain, wide = _of({"backend": "tensorflow"}), _of({"backend": "tensorflow", "width": 2})

    assert [called(p.records[0]) for p in newest(pools([wide, plain]))] == [
        "fashion",
        "fashion[width=2]",
    ]


@pytest.mark.parametrize(
    ("name", "image"),
    [("cpu", "certbench:jax"), ("gpu", "certbench:jax-gpu"), ("colab-like", "certbench:jax")],
)
def test_a_container_has_an_image_for_each_backend(name, image):
    entry = environment(name)

    assert on_backend(entry, "jax").image == image
    assert on_backend(entry, "tensorflow") is entry


def test_an_environment_is_ready_once_for_each_backend():
    assert place_of("cpu", "tensorflow") == "cpu"
    assert place_of("cpu", "jax") == "cpu+jax"


def test_an_older_record_is_no_match_for_a_variant_that_its_fingerprint_cannot_tell():
    """Version 1 knew neither backend nor input; it matches across machines by less."""
    old = _of({"backend": "tensorflow"})
    old = replace(old, task=replace(old.task, fingerprint="v1", fingerprint_v1="v1"))
    plain, jax = (
        replace(
            old,
            machine=replace(old.machine, id="another"),
            task=replace(old.task, fingerprint="v2", variant={"backend": backend}),
        )
        for backend in ("tensorflow", "jax")
    )

    assert same_work(old, plain)
    assert not same_work(old, jax)


def test_a_variant_that_was_never_run_is_taken_to_be_as_long_as_its_task():
    campaign = new_campaign(("cpu",), ("fashion[width=2]",), rounds=1, seed=1, epochs=None)
    known = [ok_record()]

    assert run_seconds(plan(campaign)[0], known, "") == run_seconds(
        plan(replace(campaign, tasks=("fashion",)))[0], known, ""
    )


def test_a_backend_that_does_not_use_the_accelerator_is_refused_before_anything_is_rented():
    with pytest.raises(UsageError, match="colab-tpu trains with jax alone"):
        on_backend(environment("colab-tpu"), "tensorflow")


@pytest.mark.parametrize(
    ("request_", "device", "is_it"),
    [
        ("v5e1", "TPU v5 lite", True),
        ("v5e1", "TPU v5e", True),
        ("v5e1", "TPU v6 lite", False),
        ("v6e1", "TPU v6e", True),
        ("v5e1", "TPU v5", False),
    ],
)
def test_a_tpu_is_asked_for_by_one_name_and_called_by_another(request_, device, is_it):
    assert names(request_, device) == is_it


def test_what_a_rented_campaign_takes_is_said_in_units_and_money():
    price = units("10", units_per_hour=2.0)

    assert "about 1 unit, 0.1 USD of a pack" in rent_spoken(price, 1800)
    assert "about" not in rent_spoken(price, None)
