"""Counter-based random numbers: published answers, an independent Philox, and the distributions."""

from __future__ import annotations

import numpy as np
import pytest

from hedgerow import _core, build_config, kernels

ISAS = build_config()["supported_isas"]


def numbers(
    isa: str,
    normal: bool = False,
    seed: int = 0,
    first: int = 0,
    step: int = 0,
    stream: int = 0,
    paths: int = 1,
    antithetic: bool = False,
) -> np.ndarray:
    found = _core.random_numbers_on(isa, normal, seed, first, step, stream, paths, antithetic)
    assert found is not None
    return found


def uniforms_of(words: list[int]) -> list[float]:
    """The two uniforms that a block of four words stands for, exactly."""
    halves = (words[0] << 32 | words[1], words[2] << 32 | words[3])
    return [((half >> 12) + 0.5) / 2**52 for half in halves]


# Random123, tests/kat_vectors, philox4x32 with 10 rounds: counter, key, block
KNOWN = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0"),
]
ANSWERS = [
    "6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    "408f276d 41c83b0e a20bc7c6 6d5451fd",
    "d16cfe09 94fdcceb 5001e420 24126ea1",
]


def words(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


def philox(counter: list[int], key: list[int]) -> list[int]:
    """Philox4x32-10 as the paper has it, with Python's integers."""
    (a, b, c, d), (even, odd) = counter, key
    for _ in range(10):
        first, second = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = (
            (second >> 32) ^ b ^ even,
            second & 0xFFFFFFFF,
            (first >> 32) ^ d ^ odd,
            first & 0xFFFFFFFF,
        )
        even, odd = (even + 0x9E3779B9) & 0xFFFFFFFF, (odd + 0xBB67AE85) & 0xFFFFFFFF
    return [a, b, c, d]


@pytest.mark.parametrize(("known", "answer"), list(zip(KNOWN, ANSWERS, strict=True)))
def test_published_answers(isa: str, known: tuple[str, str], answer: str) -> None:
    counter, key = words(known[0]), words(known[1])
    assert philox(counter, key) == words(answer)
    found = numbers(
        isa,
        seed=key[0] | key[1] << 32,
        first=counter[0] | counter[1] << 32,
        step=counter[2],
        stream=counter[3],
    )
    assert found[:, 0].tolist() == uniforms_of(words(answer))


def test_any_counter(isa: str) -> None:
    rng = np.random.default_rng(2011)
    for _ in range(20):
        seed, first = (int(x) for x in rng.integers(0, 2**63, 2))
        step, stream = (int(x) for x in rng.integers(0, 2**32, 2))
        found = numbers(isa, seed=seed, first=first, step=step, stream=stream, paths=70)
        for path in (0, 1, 37, 63, 64, 69):
            counter = [(first + path) & 0xFFFFFFFF, (first + path) >> 32, step, stream]
            block = philox(counter, [seed & 0xFFFFFFFF, seed >> 32])
            assert found[:, path].tolist() == uniforms_of(block)


def test_a_path_does_not_depend_on_its_block(isa: str) -> None:
    whole = numbers(isa, seed=7, paths=1000)
    carry = numbers(isa, seed=7, first=2**32 - 5, paths=10)
    assert (whole[:, 313:450] == numbers(isa, seed=7, first=313, paths=137)).all()
    assert (carry[:, 7:] == numbers(isa, seed=7, first=2**32 + 2, paths=3)).all()


def test_antithetic_pairs(isa: str) -> None:
    plain = numbers(isa, seed=3, step=5, paths=500)
    both = numbers(isa, seed=3, step=5, paths=1000, antithetic=True)
    assert (both[:, 0::2] == plain).all()
    assert (both[:, 1::2] == 1.0 - plain).all()
    normal = numbers(isa, normal=True, seed=3, step=5, paths=1000, antithetic=True)
    assert (normal[:, 1::2] == -normal[:, 0::2]).all()


def test_normals_invert_the_uniforms(isa: str) -> None:
    uniforms = numbers(isa, seed=1, paths=200_000)
    exact = kernels.normal_inverse_cdf(uniforms)
    normals = numbers(isa, normal=True, seed=1, paths=200_000)
    assert np.max(np.abs(normals / exact - 1)) < 4.5e-12


def test_instruction_sets_agree() -> None:
    uniforms = [numbers(isa, seed=9, paths=5000) for isa in ISAS]
    normals = [numbers(isa, normal=True, seed=9, paths=5000) for isa in ISAS]
    for other in range(1, len(ISAS)):
        assert (uniforms[other] == uniforms[0]).all()
        if ISAS[other] == "baseline":  # no fused multiply-add
            np.testing.assert_allclose(normals[other], normals[0], rtol=1e-14)
        else:
            assert (normals[other] == normals[0]).all()


def test_moments_and_independence() -> None:
    n = 250_000
    z = np.concatenate(
        [numbers(ISAS[0], normal=True, seed=s, step=t, paths=n) for s in (1, 2) for t in (0, 1)]
    )
    z = np.concatenate([z, numbers(ISAS[0], normal=True, seed=1, stream=1, paths=n)])
    for power, moment, spread in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        error = np.mean(z**power, axis=1) - moment
        assert np.abs(error).max() < 4 * np.sqrt(spread / n)
    correlation = z @ z.T / n - np.diag(np.mean(z**2, axis=1))
    assert np.abs(correlation).max() < 4.5 / np.sqrt(n)
    neighbors = np.mean(z[:, 1:] * z[:, :-1], axis=1)
    assert np.abs(neighbors).max() < 4 / np.sqrt(n)
