// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ICredit} from "./interfaces/ICredit.sol";
import {IReceipts} from "./interfaces/IReceipts.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";
import {CompactSignature} from "./libraries/CompactSignature.sol";
import {CreditMath} from "./libraries/CreditMath.sol";

/// @title How well nodes keep their promises
/// @author Orlop
/// @notice See `ICredit`.
contract Credit is ICredit, EIP712 {
    using CompactSignature for bytes32;
    using CreditMath for CreditMath.Budget;
    using CreditMath for CreditMath.Evidence;

    /// @notice Longest reason, in bytes.
    uint256 public constant MAX_REASON = 256;

    bytes32 private constant RATING_TYPE_HASH = keccak256(
        "Rating(uint32 nodeId,uint64 sequence,uint32 clientId,uint8 score,uint16 causeCode)"
    );

    /// @inheritdoc ICredit
    IRegistry public immutable registry;
    /// @inheritdoc ICredit
    IReceipts public immutable receipts;

    mapping(Track track => mapping(uint32 nodeId => CreditMath.Evidence evidence))
        private _evidence;
    mapping(uint32 nodeId => mapping(uint64 sequence => RatingRecord ratingRecord))
        private _ratings;
    mapping(uint32 clientId => mapping(uint32 nodeId => CreditMath.Budget budget)) private _budgets;

    constructor(IReceipts receipts_) EIP712("Orlop", "1") {
        receipts = receipts_;
        registry = receipts_.registry();
    }

    modifier onlySteward() {
        if (!registry.isSteward(msg.sender)) revert NotSteward(msg.sender);
        _;
    }

    /// @inheritdoc ICredit
    function rate(
        Rating calldata rating,
        bytes calldata signature,
        IReceipts.Citation calldata citation
    ) external returns (bool counted) {
        _requireValid(rating, citation);
        _requireClient(rating, signature);
        receipts.requireRecorded(citation);
        counted = _spend(rating);
        emit Rated(
            rating.nodeId,
            rating.clientId,
            rating.sequence,
            rating.score,
            rating.causeCode,
            counted
        );
        RatingRecord storage entry = _ratings[rating.nodeId][rating.sequence];
        entry.score = rating.score;
        if (!counted) return false;
        CreditMath.Evidence memory evidence = _evidence[Track.Rating][rating.nodeId];
        CreditMath.Evidence memory changed = evidence.applyRating(rating.score);
        entry.counted = true;
        entry.round = changed.round;
        _change(rating.nodeId, rating.sequence, evidence, changed);
    }

    /// @inheritdoc ICredit
    function appeal(uint32 nodeId, uint64 sequence, bytes32 reasonHash) external {
        if (registry.accountOf(nodeId) != msg.sender) revert NotTheNode(nodeId, msg.sender);
        RatingRecord storage entry = _countedRating(nodeId, sequence);
        bool isOpen = entry.appeal == Appeal.None && entry.score < CreditMath.MAX_SCORE;
        if (!isOpen) revert AppealRefused(nodeId, sequence, entry.appeal);
        entry.appeal = Appeal.Filed;
        emit Appealed(nodeId, sequence, reasonHash);
    }

    /// @inheritdoc ICredit
    function annul(uint32 nodeId, uint64 sequence, string calldata reason) external onlySteward {
        _requireReason(reason);
        RatingRecord storage entry = _countedRating(nodeId, sequence);
        entry.annulled = true;
        emit Annulled(nodeId, sequence, msg.sender, reason);
        CreditMath.Evidence memory evidence = _evidence[Track.Rating][nodeId];
        _change(nodeId, sequence, evidence, evidence.annulRating(entry.score, entry.round));
    }

    /// @inheritdoc ICredit
    function dismiss(uint32 nodeId, uint64 sequence, string calldata reason) external onlySteward {
        _requireReason(reason);
        RatingRecord storage entry = _countedRating(nodeId, sequence);
        if (entry.appeal != Appeal.Filed) revert AppealRefused(nodeId, sequence, entry.appeal);
        entry.appeal = Appeal.Dismissed;
        emit AppealDismissed(nodeId, sequence, msg.sender, reason);
    }

    /// @inheritdoc ICredit
    function creditOf(uint32 nodeId) external view returns (uint32) {
        CreditMath.Evidence storage evidence = _evidence[Track.Rating][nodeId];
        return CreditMath.creditOf(evidence.s, evidence.f);
    }

    /// @inheritdoc ICredit
    function evidenceOf(
        uint32 nodeId,
        Track track
    ) external view returns (uint64 s, uint64 f, uint64 round) {
        CreditMath.Evidence storage evidence = _evidence[track][nodeId];
        return (evidence.s, evidence.f, evidence.round);
    }

    /// @inheritdoc ICredit
    function ratingOf(uint32 nodeId, uint64 sequence) external view returns (RatingRecord memory) {
        return _ratings[nodeId][sequence];
    }

    /// @inheritdoc ICredit
    function weightLeft(
        uint32 clientId,
        uint32 nodeId
    ) external view returns (uint8 lifts, uint8 lowers) {
        CreditMath.Budget storage budget = _budgets[clientId][nodeId];
        if (budget.epoch != _epoch()) return (CreditMath.PER_EPOCH, CreditMath.PER_EPOCH);
        return (CreditMath.PER_EPOCH - budget.lifts, CreditMath.PER_EPOCH - budget.lowers);
    }

    function _spend(Rating calldata rating) private returns (bool counted) {
        CreditMath.Budget memory budget = _budgets[rating.clientId][rating.nodeId];
        (counted, budget) = budget.spend(_epoch(), rating.score);
        if (counted) _budgets[rating.clientId][rating.nodeId] = budget;
    }

    function _change(
        uint32 nodeId,
        uint64 sequence,
        CreditMath.Evidence memory before,
        CreditMath.Evidence memory changed
    ) private {
        _evidence[Track.Rating][nodeId] = changed;
        emit CreditChanged(
            nodeId,
            Track.Rating,
            sequence,
            CreditMath.creditOf(before.s, before.f),
            CreditMath.creditOf(changed.s, changed.f),
            changed.s,
            changed.f,
            changed.round
        );
    }

    function _requireValid(
        Rating calldata rating,
        IReceipts.Citation calldata citation
    ) private view {
        if (rating.score == 0 || rating.score > CreditMath.MAX_SCORE) {
            revert ScoreRefused(rating.score);
        }
        if (rating.score < CreditMath.MAX_SCORE && rating.causeCode == 0) {
            revert CauseMissing(rating.score);
        }
        bool isCited =
            citation.commit.nodeId == rating.nodeId &&
                citation.commit.sequence == rating.sequence &&
                citation.commit.clientId == rating.clientId;
        if (!isCited) revert CitationMismatch();
        if (_ratings[rating.nodeId][rating.sequence].score != 0) {
            revert AlreadyRated(rating.nodeId, rating.sequence);
        }
    }

    function _requireClient(Rating calldata rating, bytes calldata signature) private view {
        (address signer, IRegistry.ClientState state) = registry.clientStanding(rating.clientId);
        if (state != IRegistry.ClientState.Admitted) revert ClientRefused(rating.clientId, state);
        bytes32 structHash = keccak256(abi.encode(RATING_TYPE_HASH, rating));
        if (!_hashTypedDataV4(structHash).isBy(signature, signer)) revert BadSignature(signer);
    }

    function _countedRating(
        uint32 nodeId,
        uint64 sequence
    ) private view returns (RatingRecord storage entry) {
        entry = _ratings[nodeId][sequence];
        if (!entry.counted) revert NotRated(nodeId, sequence);
        if (entry.annulled) revert AlreadyAnnulled(nodeId, sequence);
    }

    function _epoch() private view returns (uint64) {
        return uint64(block.timestamp / CreditMath.EPOCH_SECONDS);
    }

    function _requireReason(string calldata reason) private pure {
        if (bytes(reason).length == 0 || bytes(reason).length > MAX_REASON) {
            revert ReasonRefused(bytes(reason).length);
        }
    }
}
