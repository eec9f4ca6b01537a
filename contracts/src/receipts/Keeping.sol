// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IReceipts} from "../interfaces/IReceipts.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";
import {CommitHash} from "../libraries/CommitHash.sol";
import {CompactSignature} from "../libraries/CompactSignature.sol";
import {ReceiptMessages} from "../libraries/ReceiptMessages.sol";
import {SequenceBitmap} from "../libraries/SequenceBitmap.sol";
import {Recording} from "./Recording.sol";

/// @title What happens to strips after their receipts: longer, away, elsewhere, under a new envelope
/// @author Orlop
/// @notice See `IReceipts`.
abstract contract Keeping is Recording {
    using CommitHash for Commit;
    using CompactSignature for bytes32;
    using ReceiptMessages for Extend;
    using ReceiptMessages for Remove;
    using ReceiptMessages for Move;
    using ReceiptMessages for EnvelopeUpdate;
    using SequenceBitmap for SequenceBitmap.Bitmap;

    /// @notice The newest envelope of an object.
    struct Anchor {
        bytes32 envelopeHash;
        uint64 version;
    }

    /// @notice Index that stands for every strip of an object.
    uint8 public constant EVERY_STRIP = type(uint8).max;
    /// @notice Bit of `Commit.flags`: the steward may move this strip.
    uint8 public constant FLAG_MOVABLE = 1;

    SequenceBitmap.Bitmap private _moved;
    mapping(bytes32 stripKey => uint64 expiry) private _extended;
    mapping(bytes32 stripKey => bool isRemoved) private _removed;
    mapping(bytes32 objectKey => Anchor anchor) private _anchors;

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
