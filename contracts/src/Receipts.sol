// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Memory} from "@openzeppelin/contracts/utils/Memory.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IReceipts} from "./interfaces/IReceipts.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";
import {BatchTree} from "./libraries/BatchTree.sol";
import {CommitHash} from "./libraries/CommitHash.sol";
import {CompactSignature} from "./libraries/CompactSignature.sol";
import {ReceiptMessages} from "./libraries/ReceiptMessages.sol";
import {SequenceBitmap} from "./libraries/SequenceBitmap.sol";
import {Standings} from "./libraries/Standings.sol";
import {Parties} from "./types/Parties.sol";
import {Terms} from "./types/Terms.sol";

/// @title Storage records
/// @author Orlop
/// @notice See `IReceipts`.
contract Receipts is IReceipts, EIP712 {
    using CommitHash for PackedCommit;
    using CommitHash for Commit;
    using CompactSignature for bytes32;
    using ReceiptMessages for Extend;
    using ReceiptMessages for Remove;
    using ReceiptMessages for Move;
    using ReceiptMessages for EnvelopeUpdate;
    using SequenceBitmap for SequenceBitmap.Bitmap;
    using SequenceBitmap for SequenceBitmap.Cursor;
    using Standings for Standings.Table;

    /// @notice The newest envelope of an object.
    struct Anchor {
        bytes32 envelopeHash;
        uint64 version;
    }

    /// @notice Items in one transaction. Transaction pools take 128 KiB.
    uint256 public constant MAX_BATCH = 500;
    /// @notice Index that stands for every strip of an object.
    uint8 public constant EVERY_STRIP = type(uint8).max;
    /// @notice Bit of `Commit.flags`: the steward may move this strip.
    uint8 public constant FLAG_MOVABLE = 1;

    /// @inheritdoc IReceipts
    IRegistry public immutable registry;
    /// @inheritdoc IReceipts
    uint64 public batchCount;
    /// @inheritdoc IReceipts
    mapping(uint64 batchId => bytes32 root) public batchRoot;

    SequenceBitmap.Bitmap private _recorded;
    SequenceBitmap.Bitmap private _moved;
    mapping(bytes32 stripKey => uint64 expiry) private _extended;
    mapping(bytes32 stripKey => bool isRemoved) private _removed;
    mapping(bytes32 objectKey => Anchor anchor) private _anchors;

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
    function extend(
        Extend calldata message,
        bytes calldata signature,
        Citation calldata citation
    ) external returns (bool changed) {
        _requireCited(message.objectId, message.clientId, message.index, citation);
        _requireClient(message.clientId, message.hash(), signature, false);
        if (isRemoved(message.clientId, message.objectId, message.index)) {
            revert StripRemoved(message.objectId, message.clientId, message.index);
        }
        uint64 current = _effectiveExpiry(citation.commit, message.index);
        if (message.expiry == current) return false;
        if (current <= block.timestamp) revert ReceiptExpired(current);
        if (message.expiry < current) revert ExpiryNotLater(message.expiry, current);
        _extended[_stripKey(message.objectId, message.clientId, message.index)] = message.expiry;
        emit Extended(message.objectId, message.clientId, message.index, message.expiry);
        return true;
    }

    /// @inheritdoc IReceipts
    function remove(
        Remove calldata message,
        bytes calldata signature,
        Citation calldata citation
    ) external returns (bool changed) {
        _requireCited(message.objectId, message.clientId, message.index, citation);
        _requireClient(message.clientId, message.hash(), signature, true);
        if (isRemoved(message.clientId, message.objectId, message.index)) return false;
        _removed[_stripKey(message.objectId, message.clientId, message.index)] = true;
        emit Removed(message.objectId, message.clientId, message.index);
        return true;
    }

    /// @inheritdoc IReceipts
    function move(
        uint32 toNodeId,
        uint64 toSequence,
        bytes calldata signature,
        Citation calldata citation
    ) external returns (uint64 batchId) {
        if (!registry.isSteward(msg.sender)) revert NotSteward(msg.sender);
        requireRecorded(citation);
        Commit memory commit = citation.commit;
        Move memory message = Move({
            objectId: commit.objectId,
            index: commit.index,
            fromNodeId: commit.nodeId,
            fromSequence: commit.sequence,
            toNodeId: toNodeId,
            toSequence: toSequence
        });
        _requireMovable(commit, toNodeId);
        _requireNewNode(message, signature);
        if (_recorded.isSet(toNodeId, toSequence)) revert SequenceTaken(toNodeId, toSequence);

        _moved.set(commit.nodeId, commit.sequence);
        _recorded.set(toNodeId, toSequence);
        commit.nodeId = toNodeId;
        commit.sequence = toSequence;
        batchId = _recordMoved(commit);
        _emitMoved(message, commit.clientId, batchId);
    }

    /// @inheritdoc IReceipts
    function anchorEnvelope(
        EnvelopeUpdate calldata message,
        bytes calldata signature
    ) external returns (bool changed) {
        _requireClient(message.clientId, message.hash(), signature, true);
        Anchor storage anchor = _anchors[_objectKey(message.objectId, message.clientId)];
        uint64 version = anchor.version;
        bool isNewer =
            message.version > version ||
                (message.version == version && message.envelopeHash < anchor.envelopeHash);
        if (!isNewer) return false;
        anchor.version = message.version;
        anchor.envelopeHash = message.envelopeHash;
        emit EnvelopeAnchored(
            message.objectId,
            message.clientId,
            message.version,
            message.envelopeHash
        );
        return true;
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
    function isMoved(uint32 nodeId, uint64 sequence) external view returns (bool) {
        return _moved.isSet(nodeId, sequence);
    }

    /// @inheritdoc IReceipts
    function envelopeOf(
        uint32 clientId,
        bytes32 objectId
    ) external view returns (uint64 version, bytes32 envelopeHash) {
        Anchor storage anchor = _anchors[_objectKey(objectId, clientId)];
        return (anchor.version, anchor.envelopeHash);
    }

    /// @inheritdoc IReceipts
    function isRemoved(uint32 clientId, bytes32 objectId, uint8 index) public view returns (bool) {
        return
            _removed[_stripKey(objectId, clientId, index)] ||
            _removed[_stripKey(objectId, clientId, EVERY_STRIP)];
    }

    /// @inheritdoc IReceipts
    function extendedExpiry(
        uint32 clientId,
        bytes32 objectId,
        uint8 index
    ) public view returns (uint64) {
        uint64 ofStrip = _extended[_stripKey(objectId, clientId, index)];
        uint64 ofObject = _extended[_stripKey(objectId, clientId, EVERY_STRIP)];
        return uint64(Math.max(ofStrip, ofObject));
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

    function _closeBatch(bytes32 root, uint256 count) private returns (uint64 batchId) {
        batchId = ++batchCount;
        batchRoot[batchId] = root;
        emit BatchRecorded(batchId, msg.sender, root, count);
    }

    function _recordMoved(Commit memory commit) private returns (uint64 batchId) {
        emit ReceiptRecorded(
            commit.objectId,
            commit.clientId,
            commit.nodeId,
            commit.headerHash,
            commit.root,
            commit.termsOf()
        );
        return _closeBatch(digestOf(commit), 1);
    }

    function _emitMoved(Move memory message, uint32 clientId, uint64 batchId) private {
        emit Moved(
            message.objectId,
            message.fromNodeId,
            message.toNodeId,
            clientId,
            message.index,
            message.fromSequence,
            message.toSequence,
            batchId
        );
    }

    function _requireCited(
        bytes32 objectId,
        uint32 clientId,
        uint8 index,
        Citation calldata citation
    ) private view {
        Commit calldata commit = citation.commit;
        bool isAbout =
            commit.objectId == objectId &&
                commit.clientId == clientId &&
                (index == EVERY_STRIP || commit.index == index);
        if (!isAbout) revert CitationMismatch();
        requireRecorded(citation);
    }

    function _requireClient(
        uint32 clientId,
        bytes32 structHash,
        bytes calldata signature,
        bool isSuspendedAllowed
    ) private view {
        (address signer, IRegistry.ClientState state) = registry.clientStanding(clientId);
        bool isAllowed =
            state == IRegistry.ClientState.Admitted ||
                (isSuspendedAllowed && state == IRegistry.ClientState.Suspended);
        if (!isAllowed) revert ClientRefused(clientId, state);
        if (!_hashTypedDataV4(structHash).isBy(signature, signer)) revert BadSignature(signer);
    }

    function _requireMovable(Commit memory commit, uint32 toNodeId) private view {
        if (commit.flags & FLAG_MOVABLE == 0) revert MoveNotAllowed();
        if (commit.nodeId == toNodeId) revert SameNode(toNodeId);
        if (_moved.isSet(commit.nodeId, commit.sequence)) {
            revert AlreadyMoved(commit.nodeId, commit.sequence);
        }
        if (isRemoved(commit.clientId, commit.objectId, commit.index)) {
            revert StripRemoved(commit.objectId, commit.clientId, commit.index);
        }
        uint64 expiry = _effectiveExpiry(commit, commit.index);
        if (expiry <= block.timestamp) revert ReceiptExpired(expiry);
    }

    function _requireNewNode(Move memory message, bytes calldata signature) private view {
        (address account, IRegistry.NodeState state) = registry.nodeStanding(message.toNodeId);
        if (state != IRegistry.NodeState.Admitted) revert NodeRefused(message.toNodeId, state);
        if (!_hashTypedDataV4(message.hash()).isBy(signature, account)) {
            revert BadSignature(account);
        }
    }

    function _effectiveExpiry(Commit memory commit, uint8 index) private view returns (uint64) {
        uint64 extended = extendedExpiry(commit.clientId, commit.objectId, index);
        return uint64(Math.max(commit.expiry, extended));
    }

    function _stripKey(
        bytes32 objectId,
        uint32 clientId,
        uint8 index
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(objectId, clientId, index));
    }

    function _objectKey(bytes32 objectId, uint32 clientId) private pure returns (bytes32) {
        return keccak256(abi.encode(objectId, clientId));
    }
}
