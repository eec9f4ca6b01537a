// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Digests with their place and time on the ledger
/// @author Orlop
/// @notice Keeps nothing and admits anybody: what an account anchors stands in its logs, in the ledger's order, at its block's time.
///         A key management centre deploys one by its account's first transaction, so that its address follows from the account.
contract Anchors {
    /// @notice An account has anchored a digest.
    /// @param by The account, which no other can act as.
    /// @param subject What the digest is of, such as a log or a kind of statement.
    /// @param number Which of the subject, such as a log's count of entries.
    /// @param digest 32 bytes that stand for it.
    event Anchored(address indexed by, bytes32 indexed subject, uint64 number, bytes32 digest);

    /// @notice Anchors a digest.
    /// @param subject What the digest is of.
    /// @param number Which of the subject.
    /// @param digest 32 bytes that stand for it.
    function anchor(bytes32 subject, uint64 number, bytes32 digest) external {
        emit Anchored(msg.sender, subject, number, digest);
    }
}
