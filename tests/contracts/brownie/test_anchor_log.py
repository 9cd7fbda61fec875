"""AnchorLog on a real node, from receipts: what a seal costs, what it logs, what a repeated one answers."""

import hashlib

import brownie

BUDGET = 85_000


def root_of(number):
    return hashlib.sha256(str(number).encode()).digest()


def test_anchor_costs_at_most_85000_gas_after_the_first(log, operator):
    first = 0
    for number, count in enumerate((1, 1, 1000, 4096, 1)):
        transaction = log.anchor(first, count, root_of(number), {"from": operator})
        if number:
            assert transaction.gas_used <= BUDGET
        first += count
    assert log.next(operator) == first


def test_anchor_logs_the_seal_that_sealOf_reads(log, operator, web3):
    log.anchor(0, 7, root_of(0), {"from": operator})
    transaction = log.anchor(7, 3, root_of(1), {"from": operator})
    seal = transaction.events["Anchored"]
    assert (seal["operator"], seal["root"]) == (operator, "0x" + root_of(1).hex())
    assert [seal["batch"], seal["first"], seal["count"]] == [1, 7, 3]
    sealed_at = web3.eth.get_block(transaction.block_number)["timestamp"]
    root, *rest = log.sealOf(operator, 1)
    assert root == "0x" + root_of(1).hex()
    assert rest == [7, 3, sealed_at]


def test_anchor_sent_twice_reverts_with_NotNext_and_seals_once(log, operator):
    log.anchor(0, 7, root_of(0), {"from": operator})
    with brownie.reverts("AnchorLog_NotNext: 0, 7"):
        log.anchor(0, 7, root_of(0), {"from": operator})
    assert log.next(operator) == 7


def test_verify_gives_the_time_of_the_seal_or_zero(log, operator):
    left, right = (hashlib.sha256(b"\0" + leaf).digest() for leaf in (b"a", b"b"))
    log.anchor(0, 2, hashlib.sha256(b"\1" + left + right).digest(), {"from": operator})
    sealed_at = log.sealOf(operator, 0)[3]
    assert sealed_at > 0
    assert log.verify(operator, 0, 1, right, [left]) == sealed_at
    assert log.verify(operator, 0, 0, right, [left]) == 0
    assert log.verify(operator, 1, 1, right, [left]) == 0
