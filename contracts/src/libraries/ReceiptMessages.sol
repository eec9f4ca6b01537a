// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReceipts} from "../interfaces/IReceipts.sol";

/// @title EIP-712 hashStruct of the messages about receipts
/// @author Orlop
/// @notice Type strings as in `IReceipts`; the commit itself is in `CommitHash`.
library ReceiptMessages {
    bytes32 internal constant ACK_TYPE_HASH = keccak256(
        "Ack(bytes32 commitHash,uint32 nodeId,uint64 storedAtMs)"
    );
    bytes32 internal constant EXTEND_TYPE_HASH = keccak256(
        "Extend(bytes32 objectId,uint32 clientId,uint8 index,uint64 expiry)"
    );
    bytes32 internal constant REMOVE_TYPE_HASH = keccak256(
        "Remove(bytes32 objectId,uint32 clientId,uint8 index)"
    );
    bytes32 internal constant MOVE_TYPE_HASH = keccak256(
        "Move(bytes32 objectId,uint8 index,uint32 fromNodeId,uint64 fromSequence,uint32 toNodeId,uint64 toSequence)"
    );
    bytes32 internal constant ENVELOPE_TYPE_HASH = keccak256(
        "EnvelopeUpdate(bytes32 objectId,uint32 clientId,uint64 version,bytes32 envelopeHash)"
    );

    /// @notice Hash of an acknowledgement.
    /// @param commitDigest EIP-712 digest of the commit
    /// @param nodeId who stored
    /// @param storedAtMs when, below 2^64
    /// @return the hash
    function hashAck(
        bytes32 commitDigest,
        uint32 nodeId,
        uint256 storedAtMs
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(ACK_TYPE_HASH, commitDigest, nodeId, storedAtMs));
    }

    /// @notice Hash of an extension.
    /// @param message the fields
    /// @return the hash
    function hash(IReceipts.Extend calldata message) internal pure returns (bytes32) {
        return keccak256(abi.encode(EXTEND_TYPE_HASH, message));
    }

    /// @notice Hash of a removal.
    /// @param message the fields
    /// @return the hash
    function hash(IReceipts.Remove calldata message) internal pure returns (bytes32) {
        return keccak256(abi.encode(REMOVE_TYPE_HASH, message));
    }

    /// @notice Hash of a move.
    /// @param message the fields
    /// @return the hash
    function hash(IReceipts.Move memory message) internal pure returns (bytes32) {
        return keccak256(abi.encode(MOVE_TYPE_HASH, message));
    }

    /// @notice Hash of an envelope update.
    /// @param message the fields
    /// @return the hash
    function hash(IReceipts.EnvelopeUpdate calldata message) internal pure returns (bytes32) {
        return keccak256(abi.encode(ENVELOPE_TYPE_HASH, message));
    }
}
