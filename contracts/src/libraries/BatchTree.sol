// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

/// @title Merkle tree over the receipts of a batch
/// @author Orlop
/// @notice Proofs are those of OpenZeppelin's `MerkleProof`. The tree is described in `IReceipts`.
library BatchTree {
    /// @notice The root over the first leaves of an array, which is used up as working space.
    /// @param leaves the leaves
    /// @param count how many of them, from 1 to `leaves.length`
    /// @return the root
    function consume(bytes32[] memory leaves, uint256 count) internal pure returns (bytes32) {
        // Cannot overflow: 2 * i + 1 < count, and count is at most the length of an array in memory.
        unchecked {
            while (count > 1) {
                uint256 pairs = count / 2;
                for (uint256 i = 0; i < pairs; ++i) {
                    leaves[i] = Hashes.commutativeKeccak256(leaves[2 * i], leaves[2 * i + 1]);
                }
                if (count % 2 == 1) leaves[pairs] = leaves[count - 1];
                count = pairs + (count % 2);
            }
        }
        return leaves[0];
    }
}
