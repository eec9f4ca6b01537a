// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CreditMath} from "../src/libraries/CreditMath.sol";
import {assertEq, assertTrue, bound} from "./support/Vm.sol";

contract CreditMathTest {
    using CreditMath for CreditMath.Evidence;
    using CreditMath for CreditMath.Budget;

    /// @dev Most evidence there can be: 1 / (1 − λ) ratings.
    uint64 private constant MOST = 50_000_000;

    function test_creditOf_prior() public pure {
        assertEq(CreditMath.creditOf(0, 0), 25_130);
    }

    function testFuzz_creditOf_isBounded(uint64 s, uint64 f) public pure {
        assertTrue(CreditMath.creditOf(s, f) <= 1_000_000, "credit <= 100 %");
    }

    function testFuzz_weigh_addsUpToOneRating(uint8 score) public pure {
        (uint256 good, uint256 bad) = CreditMath.weigh(uint8(bound(score, 1, 5)));
        assertEq(good + bad, 1_000_000);
    }

    function testFuzz_applyRating_keepsEvidenceBounded(
        uint64 s,
        uint64 f,
        uint8 score
    ) public pure {
        CreditMath.Evidence memory evidence = _evidence(s, f);
        evidence = evidence.applyRating(uint8(bound(score, 1, 5)));
        assertTrue(evidence.s <= MOST && evidence.f <= MOST, "evidence <= 50 ratings");
        assertEq(evidence.round, 1);
    }

    function testFuzz_applyRating_bestScoreNeverLowers(uint64 s, uint64 f) public pure {
        CreditMath.Evidence memory evidence = _reachable(s, f);
        CreditMath.Evidence memory changed = evidence.applyRating(5);
        assertTrue(
            CreditMath.creditOf(changed.s, changed.f) >=
                CreditMath.creditOf(evidence.s, evidence.f),
            "a 5 does not lower"
        );
    }

    function testFuzz_applyRating_worstScoreNeverLifts(uint64 s, uint64 f) public pure {
        CreditMath.Evidence memory evidence = _reachable(s, f);
        CreditMath.Evidence memory changed = evidence.applyRating(1);
        assertTrue(
            CreditMath.creditOf(changed.s, changed.f) <=
                CreditMath.creditOf(evidence.s, evidence.f),
            "a 1 does not lift"
        );
    }

    function testFuzz_annulRating_leavesWhatOthersSaid(
        uint64 s,
        uint64 f,
        uint8 score,
        uint8[8] memory later
    ) public pure {
        CreditMath.Evidence memory rated = _evidence(s, f).applyRating(uint8(bound(score, 1, 5)));
        CreditMath.Evidence memory without = _evidence(s, f);
        // The same history in which the annulled rating only made others fade.
        without.s = uint64((without.s * CreditMath.FORGETTING) / CreditMath.ONE);
        without.f = uint64((without.f * CreditMath.FORGETTING) / CreditMath.ONE);
        uint64 round = rated.round;
        for (uint256 i = 0; i < later.length; ++i) {
            uint8 next = uint8(bound(later[i], 1, 5));
            rated = rated.applyRating(next);
            without = without.applyRating(next);
        }
        rated = rated.annulRating(uint8(bound(score, 1, 5)), round);
        // Each step rounds down by less than one millionth.
        assertTrue(_distance(rated.s, without.s) <= later.length + 2, "s restored");
        assertTrue(_distance(rated.f, without.f) <= later.length + 2, "f restored");
    }

    function testFuzz_decay_isRepeatedForgetting(uint16 rounds) public pure {
        uint256 expected = 1e18;
        uint256 count = bound(rounds, 0, 400);
        for (uint256 i = 0; i < count; ++i) expected = (expected * 98) / 100;
        assertTrue(_distance(CreditMath.decay(uint64(count)), expected) <= 1000, "decay");
        assertEq(CreditMath.decay(type(uint64).max), 0);
    }

    function testFuzz_spend_neverExceedsTheCap(uint64 epoch, uint8[24] memory scores) public pure {
        CreditMath.Budget memory budget;
        uint256 lifts = 0;
        uint256 lowers = 0;
        for (uint256 i = 0; i < scores.length; ++i) {
            uint8 score = uint8(bound(scores[i], 1, 5));
            bool counted;
            (counted, budget) = budget.spend(epoch, score);
            if (counted && score >= 3) ++lifts;
            if (counted && score < 3) ++lowers;
        }
        assertTrue(lifts <= 4 && lowers <= 4, "at most four each way");
    }

    function testFuzz_spend_startsAnewInTheNextEpoch(uint32 epoch, uint8 score) public pure {
        CreditMath.Budget memory budget = CreditMath.Budget(epoch, 4, 4);
        (bool counted, CreditMath.Budget memory same) = budget.spend(
            epoch,
            uint8(bound(score, 1, 5))
        );
        assertTrue(!counted && same.lifts == 4 && same.lowers == 4, "used up");
        (counted, ) = budget.spend(uint64(epoch) + 1, uint8(bound(score, 1, 5)));
        assertTrue(counted, "new epoch");
    }

    function _evidence(uint64 s, uint64 f) private pure returns (CreditMath.Evidence memory) {
        return CreditMath.Evidence(uint64(bound(s, 0, MOST)), uint64(bound(f, 0, MOST)), 0);
    }

    /// @dev Evidence that ratings can lead to: s and f together are never more than 50 ratings.
    function _reachable(uint64 s, uint64 f) private pure returns (CreditMath.Evidence memory) {
        uint64 good = uint64(bound(s, 0, MOST));
        return CreditMath.Evidence(good, uint64(bound(f, 0, MOST - good)), 0);
    }

    function _distance(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a - b : b - a;
    }
}
