// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReceipts} from "../interfaces/IReceipts.sol";
import {Terms} from "../types/Terms.sol";

/// @title Commits as EIP-712 hashes and as packed words
/// @author Orlop
/// @notice Both forms of a commit have the same hash.
library CommitHash {
    bytes32 internal constant TYPE_HASH = keccak256(
        "Commit(bytes32 objectId,bytes32 headerHash,bytes32 root,uint64 streamBytes,uint64 expiry,uint64 sequence,"
        "uint32 clientId,uint32 nodeId,uint16 classCode,uint8 index,uint8 k,uint8 m,uint8 level,uint8 flags)"
    );

    /// @notice EIP-712 hashStruct of a commit.
    /// @param commit the fields
    /// @return the hash
    function hash(IReceipts.Commit memory commit) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    TYPE_HASH,
                    commit.objectId,
                    commit.headerHash,
                    commit.root,
                    commit.streamBytes,
                    commit.expiry,
                    commit.sequence,
                    commit.clientId,
                    commit.nodeId,
                    commit.classCode,
                    commit.index,
                    commit.k,
                    commit.m,
                    commit.level,
                    commit.flags
                )
            );
    }

    /// @notice EIP-712 hashStruct of a packed commit.
    /// @param item the packed fields, well formed
    /// @return the hash
    function hash(IReceipts.PackedCommit calldata item) internal pure returns (bytes32) {
        Terms terms = item.terms;
        return
            keccak256(
                abi.encode(
                    TYPE_HASH,
                    item.objectId,
                    item.headerHash,
                    item.root,
                    terms.streamBytes(),
                    terms.expiry(),
                    terms.sequence(),
                    item.parties.clientId(),
                    item.parties.nodeId(),
                    terms.classCode(),
                    terms.index(),
                    terms.k(),
                    terms.m(),
                    terms.level(),
                    terms.flags()
                )
            );
    }

    /// @notice The numbers of a commit in one word.
    /// @param commit the fields
    /// @return the word
    function termsOf(IReceipts.Commit memory commit) internal pure returns (Terms) {
        uint256 word = uint256(commit.streamBytes) << 184;
        word |= uint256(commit.expiry) << 120;
        word |= uint256(commit.sequence) << 56;
        word |= uint256(commit.classCode) << 40;
        word |= uint256(commit.index) << 32;
        word |= uint256(commit.k) << 24;
        word |= uint256(commit.m) << 16;
        word |= uint256(commit.level) << 8;
        return Terms.wrap(word | commit.flags);
    }
}
