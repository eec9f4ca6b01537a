// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReceipts} from "../src/interfaces/IReceipts.sol";
import {CreditMath} from "../src/libraries/CreditMath.sol";
import {LedgerHandler} from "./support/LedgerHandler.sol";
import {assertEq, assertTrue} from "./support/Vm.sol";

contract LedgerInvariantTest {
    LedgerHandler private _handler;

    function setUp() public {
        _handler = new LedgerHandler();
    }

    /// @dev Read by the test runner: drive the handler, not the contracts behind it.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_onlySignedCommitsAreRecordedAndOnlyOnce() public view {
        for (uint32 node = 1; node <= _handler.NODES(); ++node) {
            uint256 taken = 0;
            for (uint64 word = 0; word < 2; ++word) {
                uint256 bits = _handler.receipts().recordedWord(node, word);
                for (; bits != 0; bits &= bits - 1) ++taken;
            }
            assertEq(taken, _handler.takenCount(node));
        }
        assertEq(_handler.receipts().recordedWord(_handler.NODES() + 1, 0), 0);
    }

    function invariant_everyReceiptCanBeCited() public view {
        uint256 count = _handler.citationCount();
        for (uint256 i = 0; i < count; ++i) {
            IReceipts.Citation memory citation = _handler.citationAt(i);
            _handler.receipts().requireRecorded(citation);
            assertTrue(
                _handler.receipts().isRecorded(citation.commit.nodeId, citation.commit.sequence),
                "recorded"
            );
        }
    }

    function invariant_creditIsBoundedAndFollowsTheRatings() public view {
        for (uint32 node = 1; node <= _handler.NODES(); ++node) {
            CreditMath.Evidence memory evidence = _handler.evidenceOf(node);
            uint32 credit = _handler.credit().creditOf(node);
            assertTrue(credit <= 1_000_000, "at most 100 %");
            assertEq(credit, CreditMath.creditOf(evidence.s, evidence.f));
        }
    }
}
