// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Memory} from "@openzeppelin/contracts/utils/Memory.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IReceipts} from "../interfaces/IReceipts.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";
import {BatchTree} from "../libraries/BatchTree.sol";
import {CommitHash} from "../libraries/CommitHash.sol";
import {CompactSignature} from "../libraries/CompactSignature.sol";
import {ReceiptMessages} from "../libraries/ReceiptMessages.sol";
import {SequenceBitmap} from "../libraries/SequenceBitmap.sol";
import {Standings} from "../libraries/Standings.sol";
import {Parties} from "../types/Parties.sol";
import {Terms} from "../types/Terms.sol";

/// @title Recording receipts and proving that they are there
/// @author Orlop
/// @notice See `IReceipts`.
abstract contract Recording is IReceipts, EIP712 {
    using CommitHash for PackedCommit;
    using CommitHash for Commit;
    using CompactSignature for bytes32;
    using SequenceBitmap for SequenceBitmap.Bitmap;
    using SequenceBitmap for SequenceBitmap.Cursor;
    using Standings for Standings.Table;

    /// @notice Items in one transaction. Transaction pools take 128 KiB.
    uint256 public constant MAX_BATCH = 500;

    /// @inheritdoc IReceipts
    IRegistry public immutable registry;
    /// @inheritdoc IReceipts
    uint64 public batchCount;
    /// @inheritdoc IReceipts
    mapping(uint64 batchId => bytes32 root) public batchRoot;

    SequenceBitmap.Bitmap internal _recorded;

    constructor(IRegistry registry_) EIP712("Orlop", "1") {
        registry = registry_;
    }

    /// @inheritdoc IReceipts
    function record(
        PackedCommit[] calldata commits,
        PackedAck[] calldata acks
    ) external returns (uint64 batchId) {
        uint256 count = commits.length;
        if (count == 0 || count > MAX_BATCH) revert BatchSizeRefused(count);
        if (acks.length != 0 && acks.length != count) revert AckCountMismatch(count, acks.length);

        bytes32[] memory leaves = new bytes32[](count);
        SequenceBitmap.Cursor memory cursor;
        cursor.key = SequenceBitmap.NOWHERE;
        Standings.Table memory standings;
        standings.registry = registry;
        // Working space of one item is used again for the next: memory grows in price with its square.
        Memory.Pointer workspace = Memory.getFreeMemoryPointer();
        uint256 accepted = 0;
        for (uint256 i = 0; i < count; ++i) {
            PackedCommit calldata item = commits[i];
            bytes32 digest = _hashTypedDataV4(item.hash());
            RejectReason reason = _judgeStanding(item, cursor, standings);
            if (reason == RejectReason.None) {
                reason = _judgeSignatures(item, digest, acks, i, standings);
            }
            if (reason == RejectReason.None) {
                cursor.mark(item.terms.sequence());
                leaves[accepted] = digest;
                ++accepted;
                _emitRecorded(item);
            } else {
                _emitRejected(item, i, reason);
            }
            Memory.unsafeSetFreeMemoryPointer(workspace);
        }
        _recorded.flush(cursor);
        if (accepted != 0) batchId = _closeBatch(BatchTree.consume(leaves, accepted), accepted);
    }

    /// @inheritdoc IReceipts
    function isRecorded(uint32 nodeId, uint64 sequence) external view returns (bool) {
        return _recorded.isSet(nodeId, sequence);
    }

    /// @inheritdoc IReceipts
    function recordedWord(uint32 nodeId, uint64 word) external view returns (uint256) {
        return word >> 56 == 0 ? _recorded.words[SequenceBitmap.wordKey(nodeId, word)] : 0;
    }

    /// @inheritdoc IReceipts
    function digestOf(Commit memory commit) public view returns (bytes32) {
        return _hashTypedDataV4(commit.hash());
    }

    /// @inheritdoc IReceipts
    function requireRecorded(Citation calldata citation) public view {
        bytes32 root = batchRoot[citation.batchId];
        bytes32 leaf = digestOf(citation.commit);
        if (root == 0 || !MerkleProof.verifyCalldata(citation.proof, root, leaf)) {
            revert NotRecorded(citation.commit.nodeId, citation.commit.sequence, citation.batchId);
        }
    }

    function _closeBatch(bytes32 root, uint256 count) internal returns (uint64 batchId) {
        batchId = ++batchCount;
        batchRoot[batchId] = root;
        emit BatchRecorded(batchId, msg.sender, root, count);
    }

    /// @dev Everything but signatures, cheapest first; a taken number comes before an expiry, so that a receipt put
    /// again much later still says that it is there.
    function _judgeStanding(
        PackedCommit calldata item,
        SequenceBitmap.Cursor memory cursor,
        Standings.Table memory standings
    ) private returns (RejectReason) {
        Terms terms = item.terms;
        Parties parties = item.parties;
        if (!terms.isWellFormed() || !parties.isWellFormed()) return RejectReason.Malformed;
        (, IRegistry.NodeState nodeState) = standings.node(parties.nodeId());
        if (nodeState == IRegistry.NodeState.None) return RejectReason.UnknownNode;
        // A draining node may still record what it accepted before.
        if (nodeState != IRegistry.NodeState.Admitted && nodeState != IRegistry.NodeState.Draining)
            return RejectReason.NodeNotAdmitted;
        if (_recorded.seek(cursor, parties.nodeId(), terms.sequence())) {
            return RejectReason.AlreadyRecorded;
        }
        if (terms.expiry() <= block.timestamp) return RejectReason.Expired;
        (, IRegistry.ClientState clientState) = standings.client(parties.clientId());
        if (clientState == IRegistry.ClientState.None) return RejectReason.UnknownClient;
        if (clientState != IRegistry.ClientState.Admitted) return RejectReason.ClientNotAdmitted;
        return RejectReason.None;
    }

    function _emitRecorded(PackedCommit calldata item) private {
        emit ReceiptRecorded(
            item.objectId,
            item.parties.clientId(),
            item.parties.nodeId(),
            item.headerHash,
            item.root,
            item.terms
        );
    }

    function _emitRejected(
        PackedCommit calldata item,
        uint256 position,
        RejectReason reason
    ) private {
        emit Rejected(
            item.objectId,
            item.parties.clientId(),
            item.parties.nodeId(),
            item.terms.sequence(),
            position,
            reason
        );
    }

    function _judgeSignatures(
        PackedCommit calldata item,
        bytes32 digest,
        PackedAck[] calldata acks,
        uint256 position,
        Standings.Table memory standings
    ) private view returns (RejectReason) {
        (address account, ) = standings.node(item.parties.nodeId());
        if (account != msg.sender) {
            if (acks.length == 0 || acks[position].r == 0) return RejectReason.AckMissing;
            if (!_isAcknowledged(digest, item.parties.nodeId(), acks[position], account)) {
                return RejectReason.BadAck;
            }
        }
        (address signer, ) = standings.client(item.parties.clientId());
        return digest.isBy(item.r, item.vs, signer) ? RejectReason.None : RejectReason.BadSignature;
    }

    function _isAcknowledged(
        bytes32 digest,
        uint32 nodeId,
        PackedAck calldata ack,
        address account
    ) private view returns (bool) {
        if (ack.storedAtMs > type(uint64).max) return false;
        bytes32 ackHash = ReceiptMessages.hashAck(digest, nodeId, ack.storedAtMs);
        return _hashTypedDataV4(ackHash).isBy(ack.r, ack.vs, account);
    }
}
