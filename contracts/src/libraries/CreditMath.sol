// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Ratings to credit
/// @author Orlop
/// @notice Every constant of the credit rule is here; `contracts/src/credit-math.ts` computes the same, and
/// docs/credit.md gives the reasons and curves. Divisions round down.
/// @dev Beta evidence with forgetting, after Jøsang and Ismail, "The Beta Reputation System" (2002); the lower
/// bound instead of the mean keeps a node with little evidence below one with much of the same kind.
library CreditMath {
    /// @notice Evidence about a node, in millionths of a rating.
    /// @param s for it
    /// @param f against it
    /// @param round number of counted ratings so far
    struct Evidence {
        uint64 s;
        uint64 f;
        uint64 round;
    }

    /// @notice What a client has made count for a node in an epoch.
    /// @param epoch number of the epoch
    /// @param lifts ratings of 3 to 5
    /// @param lowers ratings of 1 or 2
    struct Budget {
        uint64 epoch;
        uint8 lifts;
        uint8 lowers;
    }

    /// @dev 1 in millionths.
    uint256 internal constant ONE = 1_000_000;
    /// @dev a0 = b0 = 1.
    uint256 internal constant PRIOR = ONE;
    /// @dev λ = 0.98: evidence halves in about 34 counted ratings, and never exceeds 50 ratings' worth.
    uint256 internal constant FORGETTING = 980_000;
    /// @dev z = 1.645: one-sided 95 %.
    uint256 internal constant Z_THOUSANDTHS = 1_645;
    /// @dev Length of an epoch.
    uint256 internal constant EPOCH_SECONDS = 1 days;
    /// @dev Ratings of 3 to 5 that one client can make count for one node in an epoch, and those of 1 or 2.
    uint8 internal constant PER_EPOCH = 4;
    uint8 internal constant MAX_SCORE = 5;
    /// @dev Lowest score that counts as lifting.
    uint8 internal constant LIFTING_SCORE = 3;
    /// @dev 1 in the working precision of `decay`.
    uint256 private constant FINE_ONE = 1e18;

    /// @notice Adds a rating: forgets a little of what was, then (score − 1) / 4 counts for, the rest against.
    /// @param evidence before
    /// @param score 1 to 5
    /// @return evidence after
    function applyRating(
        Evidence memory evidence,
        uint8 score
    ) internal pure returns (Evidence memory) {
        (uint256 good, uint256 bad) = weigh(score);
        return
            Evidence({
                s: uint64((evidence.s * FORGETTING) / ONE + good),
                f: uint64((evidence.f * FORGETTING) / ONE + bad),
                round: evidence.round + 1
            });
    }

    /// @notice Takes back what is left of a rating. What that rating made others forget stays forgotten.
    /// @param evidence before
    /// @param score of the rating
    /// @param round of the rating
    /// @return evidence after
    function annulRating(
        Evidence memory evidence,
        uint8 score,
        uint64 round
    ) internal pure returns (Evidence memory) {
        (uint256 good, uint256 bad) = weigh(score);
        uint256 left = decay(evidence.round - round);
        return
            Evidence({
                s: uint64(Math.saturatingSub(evidence.s, (good * left) / FINE_ONE)),
                f: uint64(Math.saturatingSub(evidence.f, (bad * left) / FINE_ONE)),
                round: evidence.round
            });
    }

    /// @notice Counts a rating against what its client may make count.
    /// @param budget used so far
    /// @param epoch number of the epoch now
    /// @param score 1 to 5
    /// @return counted false if nothing was left
    /// @return after used now
    function spend(
        Budget memory budget,
        uint64 epoch,
        uint8 score
    ) internal pure returns (bool counted, Budget memory) {
        if (budget.epoch != epoch) budget = Budget({epoch: epoch, lifts: 0, lowers: 0});
        bool isLift = score >= LIFTING_SCORE;
        counted = (isLift ? budget.lifts : budget.lowers) < PER_EPOCH;
        if (counted && isLift) ++budget.lifts;
        if (counted && !isLift) ++budget.lowers;
        return (counted, budget);
    }

    /// @notice Credit = max(0, μ − 1.645 σ) of Beta(1 + s, 1 + f).
    /// @param s evidence for, millionths
    /// @param f evidence against, millionths
    /// @return parts per million
    function creditOf(uint64 s, uint64 f) internal pure returns (uint32) {
        uint256 a = PRIOR + s;
        uint256 b = PRIOR + f;
        uint256 n = a + b;
        uint256 mean = (a * ONE) / n;
        // σ² = ab / (n² (n + 1)); a, b, n are scaled by ONE, σ comes out scaled by ONE.
        uint256 deviation = Math.sqrt((a * b * ONE * ONE * ONE) / (n * n * (n + ONE)));
        return uint32(Math.saturatingSub(mean, (Z_THOUSANDTHS * deviation) / 1000));
    }

    /// @notice Evidence a rating gives.
    /// @param score 1 to 5
    /// @return good for the node, millionths
    /// @return bad against the node, millionths
    function weigh(uint8 score) internal pure returns (uint256 good, uint256 bad) {
        good = ((score - 1) * ONE) / (MAX_SCORE - 1);
        bad = ONE - good;
    }

    /// @notice λ to a power, by squaring.
    /// @param rounds the power
    /// @return scaled by 10^18
    function decay(uint64 rounds) internal pure returns (uint256) {
        uint256 result = FINE_ONE;
        uint256 factor = (FORGETTING * FINE_ONE) / ONE;
        for (uint64 left = rounds; left != 0; left >>= 1) {
            if (left & 1 == 1) result = (result * factor) / FINE_ONE;
            factor = (factor * factor) / FINE_ONE;
        }
        return result;
    }
}
