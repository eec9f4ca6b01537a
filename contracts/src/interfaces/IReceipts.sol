// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRegistry} from "./IRegistry.sol";
import {Parties} from "../types/Parties.sol";
import {Terms} from "../types/Terms.sol";

/// @title Storage records: who stored what, where and until when
/// @author Orlop
/// @notice A receipt is a commit signed by the client and put here by the node that holds the strip, or by
/// anybody with that node's acknowledgement. The ledger keeps one bit per receipt and one root per batch; whoever
/// later refers to a receipt brings its fields and a Merkle proof (a citation).
/// @dev EIP-712 domain: name "Orlop", version "1", this chain, this contract. Signatures are compact (EIP-2098),
/// low-s. An object is named by (clientId, objectId): the same objectId of another client is another object.
///
/// Batch tree. Leaf = EIP-712 digest of the accepted commit, that is
/// keccak256(0x1901 ‖ domainSeparator ‖ hashStruct(Commit)), in the order of the `ReceiptRecorded` events. Level by
/// level, neighbours 2i and 2i+1 are replaced by keccak256(min ‖ max) (OpenZeppelin `Hashes.commutativeKeccak256`);
/// a last node without neighbour goes up unchanged. The root of one leaf is that leaf. A proof lists the siblings
/// from leaf to root, none where a node went up unchanged (OpenZeppelin `MerkleProof`). An inner node can never
/// pass for a leaf: leaves are never taken from the caller but computed here from 66-byte inputs, inner nodes have
/// 64-byte inputs, so passing one for the other means finding a second preimage of keccak256.
///
/// What is not enforced here: that a node still has what it holds a receipt for (audits are a later track), and
/// that a receipt recorded after a removal is for anything: a removal covers the strips it names whenever
/// their receipts were recorded.
interface IReceipts {
    /// @notice Why an item of a batch was not recorded.
    /// `Malformed`: unused bits set, k = 0, k + m > 255, or index not below k + m. `AckMissing`: the sender is not
    /// the node and brought no acknowledgement. `AlreadyRecorded`: the node's sequence number is taken.
    enum RejectReason {
        None,
        Malformed,
        UnknownNode,
        NodeNotAdmitted,
        AlreadyRecorded,
        Expired,
        AckMissing,
        BadAck,
        UnknownClient,
        ClientNotAdmitted,
        BadSignature
    }

    /// @notice The EIP-712 message by which a client says what a node holds for it.
    /// Commit(bytes32 objectId,bytes32 headerHash,bytes32 root,uint64 streamBytes,uint64 expiry,uint64 sequence,
    /// uint32 clientId,uint32 nodeId,uint16 classCode,uint8 index,uint8 k,uint8 m,uint8 level,uint8 flags)
    /// @param objectId random name of the object
    /// @param headerHash SHA-256 of the object's header
    /// @param root RFC 9162 tree hash of the strip
    /// @param streamBytes length of the whole sealed stream
    /// @param expiry unix seconds until which the strip is kept
    /// @param sequence the node's receipt number, from 0
    /// @param clientId who stores
    /// @param nodeId who holds
    /// @param classCode what the data is, 0 undisclosed
    /// @param index number of the strip, below k + m
    /// @param k data strips
    /// @param m parity strips
    /// @param level how many locks
    /// @param flags bit 0: the steward may move this strip
    struct Commit {
        bytes32 objectId;
        bytes32 headerHash;
        bytes32 root;
        uint64 streamBytes;
        uint64 expiry;
        uint64 sequence;
        uint32 clientId;
        uint32 nodeId;
        uint16 classCode;
        uint8 index;
        uint8 k;
        uint8 m;
        uint8 level;
        uint8 flags;
    }

    /// @notice A commit with the client's signature in seven words, as `record` takes it.
    /// @param objectId as in Commit
    /// @param headerHash as in Commit
    /// @param root as in Commit
    /// @param terms streamBytes, expiry, sequence, classCode, index, k, m, level, flags (see types/Terms.sol)
    /// @param parties clientId, nodeId (see types/Parties.sol)
    /// @param r first half of the client's signature
    /// @param vs second half of the client's signature, EIP-2098
    struct PackedCommit {
        bytes32 objectId;
        bytes32 headerHash;
        bytes32 root;
        Terms terms;
        Parties parties;
        bytes32 r;
        bytes32 vs;
    }

    /// @notice A node's signature over Ack(bytes32 commitHash,uint32 nodeId,uint64 storedAtMs), where commitHash is
    /// the EIP-712 digest of the commit. All zero = none.
    /// @param storedAtMs ms since the epoch, below 2^64 (a whole word, so that a wrong one rejects only its item)
    /// @param r first half of the node's signature
    /// @param vs second half of the node's signature, EIP-2098
    struct PackedAck {
        uint256 storedAtMs;
        bytes32 r;
        bytes32 vs;
    }

    /// @notice Refers to a receipt.
    /// @param commit its fields; for a moved receipt, with the new nodeId and sequence
    /// @param batchId the batch it was recorded in
    /// @param proof siblings from its leaf to the batch root
    struct Citation {
        Commit commit;
        uint64 batchId;
        bytes32[] proof;
    }

    /// @notice The EIP-712 message by which a client keeps strips longer.
    /// Extend(bytes32 objectId,uint32 clientId,uint8 index,uint64 expiry)
    /// @param objectId which object
    /// @param clientId whose object
    /// @param index which strip, 255 for every strip
    /// @param expiry unix seconds, later than before
    struct Extend {
        bytes32 objectId;
        uint32 clientId;
        uint8 index;
        uint64 expiry;
    }

    /// @notice The EIP-712 message by which a client gives strips up for good.
    /// Remove(bytes32 objectId,uint32 clientId,uint8 index)
    /// @param objectId which object
    /// @param clientId whose object
    /// @param index which strip, 255 for every strip
    struct Remove {
        bytes32 objectId;
        uint32 clientId;
        uint8 index;
    }

    /// @notice The EIP-712 message by which a node takes a strip over, signed by the new node.
    /// Move(bytes32 objectId,uint8 index,uint32 fromNodeId,uint64 fromSequence,uint32 toNodeId,uint64 toSequence)
    /// @param objectId which object
    /// @param index which strip
    /// @param fromNodeId who held it
    /// @param fromSequence receipt number at the old node
    /// @param toNodeId who holds it now
    /// @param toSequence receipt number at the new node
    struct Move {
        bytes32 objectId;
        uint8 index;
        uint32 fromNodeId;
        uint64 fromSequence;
        uint32 toNodeId;
        uint64 toSequence;
    }

    /// @notice The EIP-712 message by which a client fixes the newest envelope of an object.
    /// EnvelopeUpdate(bytes32 objectId,uint32 clientId,uint64 version,bytes32 envelopeHash)
    /// @param objectId which object
    /// @param clientId whose object
    /// @param version of the envelope, from 1
    /// @param envelopeHash SHA-256 of the envelope
    struct EnvelopeUpdate {
        bytes32 objectId;
        uint32 clientId;
        uint64 version;
        bytes32 envelopeHash;
    }

    /// @notice A receipt is on the ledger: every field of its commit.
    /// @param objectId which object
    /// @param clientId who stores
    /// @param nodeId who holds
    /// @param headerHash SHA-256 of the object's header
    /// @param root RFC 9162 tree hash of the strip
    /// @param terms streamBytes, expiry, sequence, classCode, index, k, m, level, flags (see types/Terms.sol)
    event ReceiptRecorded(
        bytes32 indexed objectId,
        uint32 indexed clientId,
        uint32 indexed nodeId,
        bytes32 headerHash,
        bytes32 root,
        Terms terms
    );

    /// @notice A batch is closed. Its leaves are the `ReceiptRecorded` events of this transaction since the
    /// `BatchRecorded` before it, in order.
    /// @param batchId number of the batch, from 1
    /// @param submitter who sent it
    /// @param root of the batch tree
    /// @param count number of leaves
    event BatchRecorded(
        uint64 indexed batchId,
        address indexed submitter,
        bytes32 root,
        uint256 count
    );

    /// @notice An item of a batch was left out; the others were not affected.
    /// @param objectId as submitted
    /// @param clientId as submitted
    /// @param nodeId as submitted
    /// @param sequence as submitted
    /// @param position of the item in the batch, from 0
    /// @param reason why
    event Rejected(
        bytes32 indexed objectId,
        uint32 indexed clientId,
        uint32 indexed nodeId,
        uint64 sequence,
        uint256 position,
        RejectReason reason
    );

    /// @notice Strips are kept longer.
    /// @param objectId which object
    /// @param clientId whose object
    /// @param index which strip, 255 for every strip
    /// @param expiry unix seconds
    event Extended(bytes32 indexed objectId, uint32 indexed clientId, uint8 index, uint64 expiry);

    /// @notice Strips were given up for good.
    /// @param objectId which object
    /// @param clientId whose object
    /// @param index which strip, 255 for every strip
    event Removed(bytes32 indexed objectId, uint32 indexed clientId, uint8 index);

    /// @notice A strip changed node. The new receipt's `ReceiptRecorded` and `BatchRecorded` come just before.
    /// @param objectId which object
    /// @param fromNodeId who held it
    /// @param toNodeId who holds it now
    /// @param clientId whose object
    /// @param index which strip
    /// @param fromSequence receipt number at the old node
    /// @param toSequence receipt number at the new node
    /// @param batchId where the new receipt can be cited from (one leaf, empty proof)
    event Moved(
        bytes32 indexed objectId,
        uint32 indexed fromNodeId,
        uint32 indexed toNodeId,
        uint32 clientId,
        uint8 index,
        uint64 fromSequence,
        uint64 toSequence,
        uint64 batchId
    );

    /// @notice The newest envelope of an object is fixed.
    /// @param objectId which object
    /// @param clientId whose object
    /// @param version of the envelope
    /// @param envelopeHash SHA-256 of the envelope
    event EnvelopeAnchored(
        bytes32 indexed objectId,
        uint32 indexed clientId,
        uint64 version,
        bytes32 envelopeHash
    );

    /// @notice A batch holds 1 to `MAX_BATCH` items.
    error BatchSizeRefused(uint256 count);
    /// @notice There must be no acknowledgements, or one entry for each item.
    error AckCountMismatch(uint256 commits, uint256 acks);
    /// @notice The citation leads to no recorded receipt.
    error NotRecorded(uint32 nodeId, uint64 sequence, uint64 batchId);
    /// @notice The cited receipt is about something else than the message.
    error CitationMismatch();
    /// @notice The signature is not by the expected key.
    error BadSignature(address expected);
    /// @notice The client is unknown, pending, or suspended where that matters.
    error ClientRefused(uint32 clientId, IRegistry.ClientState state);
    /// @notice The node cannot take new strips.
    error NodeRefused(uint32 nodeId, IRegistry.NodeState state);
    /// @notice Only the steward may do this.
    error NotSteward(address sender);
    /// @notice The new expiry is earlier than what holds now.
    error ExpiryNotLater(uint64 requested, uint64 current);
    /// @notice The receipt has run out.
    error ReceiptExpired(uint64 expiry);
    /// @notice The strip was removed by its client.
    error StripRemoved(bytes32 objectId, uint32 clientId, uint8 index);
    /// @notice The client did not allow the steward to move this strip.
    error MoveNotAllowed();
    /// @notice The receipt was moved to another node before.
    error AlreadyMoved(uint32 nodeId, uint64 sequence);
    /// @notice A strip cannot move to the node that holds it.
    error SameNode(uint32 nodeId);
    /// @notice The node's sequence number is taken.
    error SequenceTaken(uint32 nodeId, uint64 sequence);

    /// @notice Records receipts. Items that are invalid are left out with `Rejected`; they never stop the others.
    /// @dev Needs `acks[i]` unless the sender is the account of the node of item i. ABI encoding throughout:
    /// seven words for a commit, three for an acknowledgement, so no item can make the decoding fail.
    /// @param commits 1 to 500 signed commits
    /// @param acks empty, or one for each commit (all zero = none)
    /// @return batchId the new batch, 0 if nothing was accepted
    function record(
        PackedCommit[] calldata commits,
        PackedAck[] calldata acks
    ) external returns (uint64 batchId);

    /// @notice Keeps strips longer. Anybody may send it. Sent again, it does nothing.
    /// @param message what the client signed
    /// @param signature by the client, 64 bytes
    /// @param citation any receipt of the strip (of the object, for index 255)
    /// @return changed false if this expiry was recorded before
    function extend(
        Extend calldata message,
        bytes calldata signature,
        Citation calldata citation
    ) external returns (bool changed);

    /// @notice Gives strips up for good. Anybody may send it. Sent again, it does nothing.
    /// @param message what the client signed
    /// @param signature by the client, 64 bytes
    /// @param citation any receipt of the strip (of the object, for index 255)
    /// @return changed false if it was recorded before
    function remove(
        Remove calldata message,
        bytes calldata signature,
        Citation calldata citation
    ) external returns (bool changed);

    /// @notice Moves a strip to another node: same object, index and root. Steward only.
    /// @dev The new receipt is the cited commit with the new nodeId and sequence, recorded as a batch of one.
    /// @param toNodeId an admitted node
    /// @param toSequence a free receipt number of that node
    /// @param signature by the new node over Move, 64 bytes
    /// @param citation the old receipt
    /// @return batchId the batch of the new receipt
    function move(
        uint32 toNodeId,
        uint64 toSequence,
        bytes calldata signature,
        Citation calldata citation
    ) external returns (uint64 batchId);

    /// @notice Fixes the newest envelope of an object, so that it cannot be rolled back. Anybody may send it.
    /// @dev Needs no receipt: the entry is under the client's own id. For equal versions the lower hash wins.
    /// @param message what the client signed
    /// @param signature by the client, 64 bytes
    /// @return changed false if it is not newer than what is recorded
    function anchorEnvelope(
        EnvelopeUpdate calldata message,
        bytes calldata signature
    ) external returns (bool changed);

    /// @notice The registry that names signers and accounts.
    /// @return its address
    function registry() external view returns (IRegistry);

    /// @notice Number of batches; ids are 1 to this.
    /// @return the count
    function batchCount() external view returns (uint64);

    /// @notice The root of a batch, zero if there is none.
    /// @param batchId which batch
    /// @return the root
    function batchRoot(uint64 batchId) external view returns (bytes32);

    /// @notice Whether a node's sequence number is taken.
    /// @param nodeId which node
    /// @param sequence its receipt number
    /// @return true if a receipt was recorded under it
    function isRecorded(uint32 nodeId, uint64 sequence) external view returns (bool);

    /// @notice 256 neighbouring answers of `isRecorded` at once.
    /// @param nodeId which node
    /// @param word receipt numbers 256 * word to 256 * word + 255
    /// @return bit i is set if receipt 256 * word + i was recorded
    function recordedWord(uint32 nodeId, uint64 word) external view returns (uint256);

    /// @notice Whether a receipt was moved away to another node.
    /// @param nodeId the old node
    /// @param sequence its receipt number
    /// @return true if moved
    function isMoved(uint32 nodeId, uint64 sequence) external view returns (bool);

    /// @notice Whether a strip was given up, alone or with its whole object.
    /// @param clientId whose object
    /// @param objectId which object
    /// @param index which strip, 255 for "the whole object"
    /// @return true if removed
    function isRemoved(uint32 clientId, bytes32 objectId, uint8 index) external view returns (bool);

    /// @notice The latest extension of a strip, 0 if none. The expiry that holds is the later of this and
    /// the commit's.
    /// @param clientId whose object
    /// @param objectId which object
    /// @param index which strip, 255 for extensions of the whole object only
    /// @return unix seconds
    function extendedExpiry(
        uint32 clientId,
        bytes32 objectId,
        uint8 index
    ) external view returns (uint64);

    /// @notice The newest envelope anchored for an object, zeros if none.
    /// @param clientId whose object
    /// @param objectId which object
    /// @return version of the envelope
    /// @return envelopeHash SHA-256 of the envelope
    function envelopeOf(
        uint32 clientId,
        bytes32 objectId
    ) external view returns (uint64 version, bytes32 envelopeHash);

    /// @notice The EIP-712 digest of a commit: what the client signs, and its leaf in the batch tree.
    /// @param commit the fields
    /// @return the digest
    function digestOf(Commit calldata commit) external view returns (bytes32);

    /// @notice Reverts with NotRecorded unless the citation leads to a receipt.
    /// @param citation what is cited
    function requireRecorded(Citation calldata citation) external view;
}
