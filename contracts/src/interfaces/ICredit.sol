// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReceipts} from "./IReceipts.sol";
import {IRegistry} from "./IRegistry.sol";

/// @title How well nodes keep their promises
/// @author Orlop
/// @notice Clients rate receipts; ratings become a node's credit, 0 to 1 000 000 (100 %). Anybody can recompute it
/// from the events alone: `Rated` and `Annulled` say what happened, `CreditChanged` says what came of it.
/// @dev EIP-712 domain: name "Orlop", version "1", this chain, this contract. The rules and constants are in
/// libraries/CreditMath.sol, and in words with tables in docs/credit.md. No score falls without a cause: a rating
/// below 5 must carry a cause code, and `Rated` or `Annulled` precedes every `CreditChanged`.
interface ICredit {
    /// @notice What kind of evidence a score is made of. Others may follow in later contracts.
    enum Track {
        Rating
    }

    /// @notice Where an appeal stands.
    enum Appeal {
        None,
        Filed,
        Dismissed
    }

    /// @notice The EIP-712 message by which a client rates one receipt.
    /// Rating(uint32 nodeId,uint64 sequence,uint32 clientId,uint8 score,uint16 causeCode)
    /// @param nodeId who is rated
    /// @param sequence for which of its receipts
    /// @param clientId who rates: the client of that receipt
    /// @param score 1 (bad) to 5 (good)
    /// @param causeCode why, 0 for none; a score below 5 needs one
    struct Rating {
        uint32 nodeId;
        uint64 sequence;
        uint32 clientId;
        uint8 score;
        uint16 causeCode;
    }

    /// @notice What the ledger remembers of a rating.
    /// @param score 1 to 5, 0 if the receipt was not rated
    /// @param counted false if the client had used up its weight for this node and epoch
    /// @param annulled true if the steward took it back
    /// @param appeal where an appeal stands
    /// @param round number of counted ratings of the node up to and including this one
    struct RatingRecord {
        uint8 score;
        bool counted;
        bool annulled;
        Appeal appeal;
        uint64 round;
    }

    /// @notice A receipt was rated. Comes before the `CreditChanged` it causes.
    /// @param nodeId who was rated
    /// @param clientId who rated
    /// @param sequence for which receipt
    /// @param score 1 to 5
    /// @param causeCode why
    /// @param counted false if the client's weight for this node and epoch is used up: no `CreditChanged` follows
    event Rated(
        uint32 indexed nodeId,
        uint32 indexed clientId,
        uint64 indexed sequence,
        uint8 score,
        uint16 causeCode,
        bool counted
    );

    /// @notice A node's credit was computed anew.
    /// @param nodeId which node
    /// @param track which kind of evidence
    /// @param sequence the receipt whose rating or annulment caused it
    /// @param creditBefore parts per million
    /// @param creditAfter parts per million
    /// @param s evidence for the node after the change, millionths
    /// @param f evidence against the node after the change, millionths
    /// @param round number of counted ratings so far
    event CreditChanged(
        uint32 indexed nodeId,
        Track indexed track,
        uint64 indexed sequence,
        uint32 creditBefore,
        uint32 creditAfter,
        uint64 s,
        uint64 f,
        uint64 round
    );

    /// @notice A node objects to a rating.
    /// @param nodeId which node
    /// @param sequence the rated receipt
    /// @param reasonHash SHA-256 of the node's reasons, kept off the ledger
    event Appealed(uint32 indexed nodeId, uint64 indexed sequence, bytes32 reasonHash);

    /// @notice The steward took a rating back. Comes before the `CreditChanged` it causes.
    /// @param nodeId which node
    /// @param sequence the rated receipt
    /// @param steward who decided
    /// @param reason for people
    event Annulled(
        uint32 indexed nodeId,
        uint64 indexed sequence,
        address indexed steward,
        string reason
    );

    /// @notice The steward let a rating stand against the node's appeal.
    /// @param nodeId which node
    /// @param sequence the rated receipt
    /// @param steward who decided
    /// @param reason for people
    event AppealDismissed(
        uint32 indexed nodeId,
        uint64 indexed sequence,
        address indexed steward,
        string reason
    );

    /// @notice A score is 1 to 5.
    error ScoreRefused(uint8 score);
    /// @notice A score below 5 needs a cause code.
    error CauseMissing(uint8 score);
    /// @notice The cited receipt is not the rated one, or not this client's.
    error CitationMismatch();
    /// @notice This receipt was rated before.
    error AlreadyRated(uint32 nodeId, uint64 sequence);
    /// @notice This receipt has no rating that counts.
    error NotRated(uint32 nodeId, uint64 sequence);
    /// @notice This rating was taken back before.
    error AlreadyAnnulled(uint32 nodeId, uint64 sequence);
    /// @notice The appeal is in no state for this.
    error AppealRefused(uint32 nodeId, uint64 sequence, Appeal state);
    /// @notice Only the account of the rated node may do this.
    error NotTheNode(uint32 nodeId, address sender);
    /// @notice Only the steward may do this.
    error NotSteward(address sender);
    /// @notice A reason is 1 to 256 bytes.
    error ReasonRefused(uint256 length);
    /// @notice Only admitted clients may rate.
    error ClientRefused(uint32 clientId, IRegistry.ClientState state);
    /// @notice The signature is not by the expected key.
    error BadSignature(address expected);

    /// @notice Puts a rating on the ledger. Anybody may send it; each receipt is rated once.
    /// @param rating what the client signed
    /// @param signature by the client's current signer, 64 bytes
    /// @param citation the rated receipt
    /// @return counted false if the client's weight for this node and epoch was used up
    function rate(
        Rating calldata rating,
        bytes calldata signature,
        IReceipts.Citation calldata citation
    ) external returns (bool counted);

    /// @notice Objects to a rating below 5 that counted. The rated node only, once for each rating.
    /// @param nodeId the sender's node
    /// @param sequence the rated receipt
    /// @param reasonHash SHA-256 of the reasons
    function appeal(uint32 nodeId, uint64 sequence, bytes32 reasonHash) external;

    /// @notice Takes a rating back: what is left of its evidence leaves the score. Steward only.
    /// @param nodeId the rated node
    /// @param sequence the rated receipt
    /// @param reason for people, 1 to 256 bytes
    function annul(uint32 nodeId, uint64 sequence, string calldata reason) external;

    /// @notice Answers an appeal by letting the rating stand. Steward only.
    /// @param nodeId the rated node
    /// @param sequence the rated receipt
    /// @param reason for people, 1 to 256 bytes
    function dismiss(uint32 nodeId, uint64 sequence, string calldata reason) external;

    /// @notice The credit of a node; that of a node without evidence is the prior's.
    /// @param nodeId which node
    /// @return parts per million, 0 to 1 000 000
    function creditOf(uint32 nodeId) external view returns (uint32);

    /// @notice What a node's credit is made of.
    /// @param nodeId which node
    /// @param track which kind of evidence
    /// @return s evidence for the node, millionths
    /// @return f evidence against the node, millionths
    /// @return round number of counted ratings so far
    function evidenceOf(
        uint32 nodeId,
        Track track
    ) external view returns (uint64 s, uint64 f, uint64 round);

    /// @notice What the ledger remembers of the rating of a receipt.
    /// @param nodeId the rated node
    /// @param sequence the rated receipt
    /// @return the record, score 0 if it was not rated
    function ratingOf(uint32 nodeId, uint64 sequence) external view returns (RatingRecord memory);

    /// @notice Ratings that one client can still make count for one node in this epoch.
    /// @param clientId who rates
    /// @param nodeId who is rated
    /// @return lifts ratings of 3 to 5 left
    /// @return lowers ratings of 1 or 2 left
    function weightLeft(
        uint32 clientId,
        uint32 nodeId
    ) external view returns (uint8 lifts, uint8 lowers);

    /// @notice The registry that names signers and accounts.
    /// @return its address
    function registry() external view returns (IRegistry);

    /// @notice Where the rated receipts are.
    /// @return its address
    function receipts() external view returns (IReceipts);
}
