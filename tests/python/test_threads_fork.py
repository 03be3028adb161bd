"""Threads, forked and spawned processes, and the variables of the environment.

Each test is a small program in a process of its own: some must start with the first call of a
process, and a deadlock must not stop the test run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import textwrap

import pytest

import nonlin as nl

START = """
import os, sys, threading, time
import numpy as np
import nonlin as nl
x = np.resize(np.linspace(-9, 9, 1001), (1 << 20) + 13)
def same(y): return np.array_equal(np.resize(nl.gelu(x[:1001]), x.size), y)
def finish(pid, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.001)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    return "hangs"
"""

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def program(code: str, timeout: float = 120, **environment: str) -> str:
    """Run a program that must succeed; what it prints."""
    result = execute(START + textwrap.dedent(code), timeout, **environment)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.strip()


def execute(
    code: str, timeout: float = 120, **environment: str
) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("NONLIN_")}
    return subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code],
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


@needs_fork
def test_fork_after_a_large_call() -> None:
    program("""
        nl.set_num_threads(4)
        expected = nl.gelu(x)
        for _ in range(20):
            pid = os.fork()
            if pid == 0:
                os._exit(0 if np.array_equal(nl.gelu(x), expected) else 1)
            assert finish(pid) == 0
            assert np.array_equal(nl.gelu(x), expected)
    """)


@needs_fork
def test_fork_while_another_thread_computes() -> None:
    program("""
        nl.set_num_threads(4)
        expected = nl.gelu(x)
        stop = False
        def busy():
            y = np.empty_like(x)
            while not stop:
                nl.gelu(x, out=y)
        thread = threading.Thread(target=busy)
        thread.start()
        try:
            for i in range(200):
                pid = os.fork()
                if pid == 0:
                    os._exit(0 if np.array_equal(nl.gelu(x[:200_001]), expected[:200_001]) else 1)
                assert finish(pid) == 0, i
        finally:
            stop = True
            thread.join()
        assert same(nl.gelu(x))
    """)


@needs_fork
def test_fork_in_a_forked_process() -> None:
    program("""
        nl.set_num_threads(3)
        nl.gelu(x)
        pid = os.fork()
        if pid == 0:
            nl.gelu(x)
            inner = os.fork()
            if inner == 0:
                os._exit(0 if same(nl.gelu(x)) else 1)
            os._exit(0 if finish(inner) == 0 else 1)
        assert finish(pid, 60) == 0
    """)


@pytest.mark.parametrize("size", ["(1 << 20) + 13", "77"])
def test_eight_threads_make_the_first_call(size: str) -> None:
    program(f"""
        x = x[:{size}]
        barrier, results = threading.Barrier(8), [None] * 8
        def work(i):
            barrier.wait()
            results[i] = [nl.gelu(x), nl.mish.derivative(x), nl.elu(x, alpha=0.5)]
        workers = [threading.Thread(target=work, args=(i,)) for i in range(8)]
        for worker in workers: worker.start()
        for worker in workers: worker.join()
        for other in results[1:]:
            for a, b in zip(results[0], other):
                assert np.array_equal(a, b)
        nl.set_num_threads(1)
        assert np.array_equal(nl.gelu(x), results[0][0])
    """)


def test_eight_threads_make_the_first_call_of_everything() -> None:
    """Loops for bfloat16 are added at their first call."""
    program("""
        import itertools, ml_dtypes
        small = np.linspace(-9, 9, 30).reshape(3, 10)
        functions = [nl.get(name) for name in nl.activations()]
        functions += [d for f in functions for d in (f.derivative, f.value_and_derivative)]
        functions += [nl.softmax, nl.log_softmax, nl.logsumexp, nl.sparsemax, nl.hardmax]
        functions += [nl.glu, nl.swiglu, lambda x: nl.bias_activation(x, x[0], "gelu")]
        loss = nl.sparse_categorical_cross_entropy.value_and_gradient
        functions += [lambda x: loss(x, [1, 2, 3])]
        dtypes = (np.float16, ml_dtypes.bfloat16, np.float32, np.float64)
        calls = list(itertools.product(functions, dtypes))
        barrier, results = threading.Barrier(8), [None] * 8
        def call(k):
            function, dtype = calls[k]
            y = function(small.astype(dtype))
            return [np.asarray(part).tobytes() for part in (y if isinstance(y, tuple) else (y,))]
        def work(i):
            # Two by two in one order, and the next two in another.
            order = np.random.default_rng(i // 2).permutation(len(calls))
            barrier.wait()
            found = {k: call(k) for k in order}
            results[i] = [found[k] for k in range(len(calls))]
        workers = [threading.Thread(target=work, args=(i,)) for i in range(8)]
        for worker in workers: worker.start()
        for worker in workers: worker.join()
        expected = [call(k) for k in range(len(calls))]
        for result in results:
            assert result == expected
    """)


@pytest.mark.skipif(not sysconfig.get_config_var("Py_GIL_DISABLED"), reason="Python has a GIL")
def test_the_gil_stays_off() -> None:
    assert program("import nonlin.cython_api; print(sys._is_gil_enabled())") == "False"


def test_threads_while_the_settings_change() -> None:
    program("""
        expected, stop, bad = nl.gelu(x), False, []
        def work():
            while not stop:
                if not np.array_equal(nl.gelu(x), expected):
                    bad.append(1)
        workers = [threading.Thread(target=work) for _ in range(3)]
        for worker in workers: worker.start()
        for i in range(60):
            nl.set_num_threads(1 + i % 5)
            nl.set_isa(nl.available_isas()[i % len(nl.available_isas())] if i % 10 == 0 else
                       nl.available_isas()[0])
            time.sleep(0.02)
        stop = True
        for worker in workers: worker.join()
        assert not bad
    """)


def test_threads_still_computing_at_exit() -> None:
    program("""
        def work():
            while True:
                nl.gelu(x)
        for _ in range(3):
            threading.Thread(target=work, daemon=True).start()
        time.sleep(0.2)
    """)


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_multiprocessing(method: str) -> None:
    if method != "spawn" and not hasattr(os, "fork"):
        pytest.skip("needs fork")
    # The function itself crosses the border between the processes: pickled by name.
    program(f"""
        import multiprocessing, operator
        if __name__ == "__main__":
            nl.gelu(x)
            small = np.linspace(-9, 9, 1001)
            with multiprocessing.get_context("{method}").Pool(2) as pool:
                for y in pool.map(nl.gelu, [small, small]):
                    assert np.array_equal(y, nl.gelu(small))
    """)


def test_number_of_threads() -> None:
    assert program("print(nl.num_threads())", NONLIN_NUM_THREADS="3") == "3"
    assert program("print(nl.num_threads())", NONLIN_NUM_THREADS="1") == "1"
    assert int(program("print(nl.num_threads())")) >= 1
    program("""
        before = nl.num_threads()
        nl.set_num_threads(5); assert nl.num_threads() == 5
        nl.set_num_threads(0); assert nl.num_threads() == before
    """)


@pytest.mark.parametrize("default", ["0", ""])
def test_the_default_number_of_threads_can_be_asked_for(default: str) -> None:
    code = "print(nl.num_threads()); assert same(nl.gelu(x))"
    assert program(code, NONLIN_NUM_THREADS=default) == program(code)


@pytest.mark.parametrize("wrong", ["-1", "many", "2x", "1.5"])
def test_a_wrong_number_of_threads_is_an_error(wrong: str) -> None:
    done = execute("import nonlin", NONLIN_NUM_THREADS=wrong)
    assert done.returncode != 0
    line = done.stderr.splitlines()[-1]
    assert line.startswith(f"ImportError: NONLIN_NUM_THREADS={wrong} is no number of threads; ")


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs affinity")
def test_affinity_limits_the_threads() -> None:
    code = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
    result = execute(code + "import nonlin as nl; print(nl.num_threads())")
    assert result.stdout.strip() == "1", result.stderr


@pytest.mark.parametrize("name", nl.available_isas())
def test_isa_from_the_environment(name: str) -> None:
    assert program("print(nl.isa()); assert same(nl.gelu(x))", NONLIN_ISA=name) == name


@pytest.mark.parametrize("name", ["sse9", "AVX3", "avx2,scalar"])
def test_an_unknown_isa_stops_the_import(name: str) -> None:
    result = execute("import nonlin", NONLIN_ISA=name)
    assert result.returncode == 1
    assert "ImportError" in result.stderr
    assert name in result.stderr.splitlines()[-1]


def test_set_isa_refuses_an_unknown_name() -> None:
    before = nl.isa()
    with pytest.raises(ValueError, match="sse9"):
        nl.set_isa("sse9")
    assert nl.isa() == before


def test_results_do_not_depend_on_the_environment() -> None:
    code = "import hashlib; print(hashlib.sha256(nl.mish(x).tobytes()).hexdigest())"
    hashes = {program(code, NONLIN_ISA=name) for name in nl.available_isas()}
    hashes |= {program(code, NONLIN_NUM_THREADS=count) for count in "125"}
    assert len(hashes) == 1
