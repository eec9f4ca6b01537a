// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Credit} from "../../src/Credit.sol";
import {Receipts} from "../../src/Receipts.sol";
import {Registry} from "../../src/Registry.sol";
import {ICredit} from "../../src/interfaces/ICredit.sol";
import {IReceipts} from "../../src/interfaces/IReceipts.sol";
import {IRegistry} from "../../src/interfaces/IRegistry.sol";
import {CommitHash} from "../../src/libraries/CommitHash.sol";
import {CreditMath} from "../../src/libraries/CreditMath.sol";
import {Parties} from "../../src/types/Parties.sol";
import {proveLeaf} from "./TreeReference.sol";
import {assertTrue, signCompact, vm} from "./Vm.sol";

/// @title Drives the three contracts at random and keeps a model of what they should hold
/// @author Orlop
contract LedgerHandler {
    using CommitHash for IReceipts.Commit;
    using CreditMath for CreditMath.Evidence;
    using CreditMath for CreditMath.Budget;

    /// @dev What is wrong with an item of a batch; the contract must take exactly the items with `Nothing`.
    enum Fault {
        Nothing,
        WrongSigner,
        NoAck,
        WrongAck,
        Expired,
        UnknownNode,
        UnknownClient,
        SuspendedClient,
        Malformed
    }

    Registry public immutable registry;
    Receipts public immutable receipts;
    Credit public immutable credit;

    uint32 public constant NODES = 3;
    uint32 public constant CLIENTS = 2;
    uint32 private constant SUSPENDED = 3;
    address private constant STRANGER = address(0xbeef);
    uint64 private constant FAR = 4_000_000_000;

    IReceipts.Citation[] private _citations;
    mapping(uint32 nodeId => mapping(uint64 sequence => bool isTaken)) private _taken;
    mapping(uint32 nodeId => uint256 count) public takenCount;
    mapping(uint32 nodeId => CreditMath.Evidence evidence) private _evidence;
    mapping(uint256 pair => CreditMath.Budget budget) private _budgets;
    mapping(uint32 nodeId => mapping(uint64 sequence => uint64 round)) private _ratedAt;
    mapping(uint32 nodeId => mapping(uint64 sequence => uint8 score)) private _scores;
    bytes32[] private _leaves;

    constructor() {
        vm.warp(1_700_000_000);
        registry = new Registry(address(this));
        receipts = new Receipts(registry);
        credit = new Credit(receipts);
        for (uint32 id = 1; id <= NODES; ++id) {
            vm.prank(nodeAccount(id));
            registry.registerNode(
                IRegistry.NodeProfile(hex"0020", "", 1, "", "node"),
                IRegistry.Tier.Heavy
            );
            registry.admitNode(id, "");
        }
        for (uint32 id = 1; id <= SUSPENDED; ++id) _addClient(id);
        registry.suspendClient(SUSPENDED, "");
    }

    function recordBatch(uint256 seed) external {
        uint256 size = 1 + (seed % 5);
        bool isOwn = seed & 32 != 0;
        uint32 sender = uint32(1 + ((seed >> 6) % NODES));
        IReceipts.PackedCommit[] memory items = new IReceipts.PackedCommit[](size);
        IReceipts.PackedAck[] memory acks = new IReceipts.PackedAck[](size);
        uint256 first = _citations.length;
        delete _leaves;
        for (uint256 i = 0; i < size; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            IReceipts.Commit memory commit = _draw(draw, isOwn ? sender : 0);
            Fault fault = _faultOf(draw >> 128, isOwn);
            (items[i], acks[i]) = _sign(commit, fault);
            if (fault == Fault.Nothing && !_taken[commit.nodeId][commit.sequence]) _expect(commit);
        }
        vm.prank(isOwn ? nodeAccount(sender) : STRANGER);
        uint64 batchId = receipts.record(items, isOwn ? new IReceipts.PackedAck[](0) : acks);
        assertTrue((batchId != 0) == (_leaves.length != 0), "a batch if anything was accepted");
        for (uint256 i = 0; i < _leaves.length; ++i) {
            _citations[first + i].batchId = batchId;
            _citations[first + i].proof = proveLeaf(_leaves, i);
            // Fails if one item more or fewer was taken than the model expects, or in another order.
            receipts.requireRecorded(_citations[first + i]);
        }
    }

    function move(uint256 seed) external {
        if (_citations.length == 0) return;
        IReceipts.Citation memory old = _citations[seed % _citations.length];
        uint32 to = uint32(1 + ((seed >> 64) % NODES));
        uint64 sequence = uint64((seed >> 128) % 300);
        bool isAllowed =
            to != old.commit.nodeId &&
                !receipts.isMoved(old.commit.nodeId, old.commit.sequence) &&
                !_taken[to][sequence] &&
                old.commit.flags & 1 == 1;
        bytes memory signature = _signMove(old.commit, to, sequence);
        try receipts.move(to, sequence, signature, old) returns (uint64 batchId) {
            assertTrue(isAllowed, "move should have been refused");
            assertTrue(receipts.isMoved(old.commit.nodeId, old.commit.sequence), "old one marked");
            IReceipts.Commit memory commit = old.commit;
            commit.nodeId = to;
            commit.sequence = sequence;
            _take(commit);
            _citations.push(IReceipts.Citation(commit, batchId, new bytes32[](0)));
        } catch {
            assertTrue(!isAllowed, "move should have been accepted");
        }
    }

    function rate(uint256 seed) external {
        if (_citations.length == 0) return;
        IReceipts.Citation memory citation = _citations[seed % _citations.length];
        IReceipts.Commit memory commit = citation.commit;
        ICredit.Rating memory rating = ICredit.Rating({
            nodeId: commit.nodeId,
            sequence: commit.sequence,
            clientId: commit.clientId,
            score: uint8(1 + ((seed >> 64) % 5)),
            causeCode: 2
        });
        bool isFirst = _scores[commit.nodeId][commit.sequence] == 0;
        try credit.rate(rating, _signRating(rating), citation) returns (bool counted) {
            assertTrue(isFirst, "rated twice");
            _follow(rating, counted);
        } catch {
            assertTrue(!isFirst, "rating should have been accepted");
        }
    }

    function annul(uint256 seed) external {
        if (_citations.length == 0) return;
        IReceipts.Commit memory commit = _citations[seed % _citations.length].commit;
        uint64 round = _ratedAt[commit.nodeId][commit.sequence];
        try credit.annul(commit.nodeId, commit.sequence, "checked") {
            assertTrue(round != 0, "annulled what did not count");
            _evidence[commit.nodeId] = _evidence[commit.nodeId].annulRating(
                _scores[commit.nodeId][commit.sequence],
                round
            );
            _ratedAt[commit.nodeId][commit.sequence] = 0;
        } catch {
            assertTrue(round == 0, "annulment should have been accepted");
        }
    }

    function passTime(uint256 seed) external {
        vm.warp(block.timestamp + (seed % 2 days));
    }

    function citationCount() external view returns (uint256) {
        return _citations.length;
    }

    function citationAt(uint256 i) external view returns (IReceipts.Citation memory) {
        return _citations[i];
    }

    function evidenceOf(uint32 nodeId) external view returns (CreditMath.Evidence memory) {
        return _evidence[nodeId];
    }

    function nodeAccount(uint32 nodeId) public pure returns (address) {
        return vm.addr(_nodeKey(nodeId));
    }

    function _expect(IReceipts.Commit memory commit) private {
        _take(commit);
        _leaves.push(_digest(address(receipts), commit.hash()));
        _citations.push(IReceipts.Citation(commit, 0, new bytes32[](0)));
    }

    function _take(IReceipts.Commit memory commit) private {
        _taken[commit.nodeId][commit.sequence] = true;
        ++takenCount[commit.nodeId];
    }

    function _follow(ICredit.Rating memory rating, bool counted) private {
        uint256 pair = (uint256(rating.clientId) << 32) | rating.nodeId;
        uint64 epoch = uint64(block.timestamp / 1 days);
        bool isExpected;
        (isExpected, _budgets[pair]) = _budgets[pair].spend(epoch, rating.score);
        assertTrue(counted == isExpected, "weight cap");
        _scores[rating.nodeId][rating.sequence] = rating.score;
        if (!counted) return;
        CreditMath.Evidence memory changed = _evidence[rating.nodeId].applyRating(rating.score);
        _evidence[rating.nodeId] = changed;
        _ratedAt[rating.nodeId][rating.sequence] = changed.round;
    }

    function _addClient(uint32 id) private {
        IRegistry.RegisterClient memory message = IRegistry.RegisterClient({
            signer: vm.addr(_clientKey(id)),
            recovery: address(uint160(1000 + id)),
            openingKey: bytes32(uint256(id)),
            imoNumber: 0,
            name: "client"
        });
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "RegisterClient(address signer,address recovery,bytes32 openingKey,uint32 imoNumber,string name)"
                ),
                message.signer,
                message.recovery,
                message.openingKey,
                message.imoNumber,
                keccak256(bytes(message.name))
            )
        );
        registry.registerClient(
            message,
            _signBytes(_clientKey(id), _digest(address(registry), structHash))
        );
    }

    function _sign(
        IReceipts.Commit memory commit,
        Fault fault
    ) private view returns (IReceipts.PackedCommit memory item, IReceipts.PackedAck memory ack) {
        if (fault == Fault.Expired) commit.expiry = uint64(block.timestamp);
        if (fault == Fault.UnknownNode) commit.nodeId = NODES + 1;
        if (fault == Fault.UnknownClient) commit.clientId = SUSPENDED + 1;
        if (fault == Fault.SuspendedClient) commit.clientId = SUSPENDED;
        if (fault == Fault.Malformed) commit.index = commit.k + commit.m;
        bytes32 digest = _digest(address(receipts), commit.hash());
        uint256 key = _clientKey(commit.clientId) + (fault == Fault.WrongSigner ? 50 : 0);
        item.objectId = commit.objectId;
        item.headerHash = commit.headerHash;
        item.root = commit.root;
        item.terms = commit.termsOf();
        item.parties = Parties.wrap((uint256(commit.clientId) << 32) | commit.nodeId);
        (item.r, item.vs) = signCompact(key, digest);
        if (fault == Fault.NoAck) return (item, ack);
        ack.storedAtMs = 1_700_000_000_000;
        bytes32 ackHash = keccak256(
            abi.encode(
                keccak256("Ack(bytes32 commitHash,uint32 nodeId,uint64 storedAtMs)"),
                digest,
                commit.nodeId,
                ack.storedAtMs
            )
        );
        uint256 nodeKey = _nodeKey(commit.nodeId) + (fault == Fault.WrongAck ? 50 : 0);
        (ack.r, ack.vs) = signCompact(nodeKey, _digest(address(receipts), ackHash));
    }

    function _signMove(
        IReceipts.Commit memory commit,
        uint32 to,
        uint64 sequence
    ) private view returns (bytes memory) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "Move(bytes32 objectId,uint8 index,uint32 fromNodeId,uint64 fromSequence,uint32 toNodeId,uint64 toSequence)"
                ),
                commit.objectId,
                commit.index,
                commit.nodeId,
                commit.sequence,
                to,
                sequence
            )
        );
        return _signBytes(_nodeKey(to), _digest(address(receipts), structHash));
    }

    function _signRating(ICredit.Rating memory rating) private view returns (bytes memory) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "Rating(uint32 nodeId,uint64 sequence,uint32 clientId,uint8 score,uint16 causeCode)"
                ),
                rating
            )
        );
        return _signBytes(_clientKey(rating.clientId), _digest(address(credit), structHash));
    }

    function _digest(address target, bytes32 structHash) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("Orlop"),
                keccak256("1"),
                block.chainid,
                target
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function _signBytes(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (bytes32 r, bytes32 vs) = signCompact(key, digest);
        return abi.encodePacked(r, vs);
    }

    /// @dev Few sequence numbers on purpose, so that they collide.
    function _draw(
        uint256 draw,
        uint32 nodeId
    ) private pure returns (IReceipts.Commit memory commit) {
        commit.objectId = bytes32(draw);
        commit.headerHash = keccak256(abi.encode(draw, "header"));
        commit.root = keccak256(abi.encode(draw, "root"));
        commit.streamBytes = uint64(draw);
        commit.expiry = FAR;
        commit.sequence = uint64((draw >> 8) % 300);
        commit.clientId = uint32(1 + ((draw >> 16) % CLIENTS));
        commit.nodeId = nodeId == 0 ? uint32(1 + ((draw >> 24) % NODES)) : nodeId;
        commit.classCode = uint16(draw >> 32);
        commit.index = uint8((draw >> 48) % 3);
        commit.k = 1;
        commit.m = 2;
        commit.level = 2;
        commit.flags = uint8(draw >> 56);
    }

    /// @dev Two items in three are right; a node's own batch needs no acknowledgement.
    function _faultOf(uint256 draw, bool isOwn) private pure returns (Fault fault) {
        if (draw % 3 != 0) return Fault.Nothing;
        fault = Fault(1 + ((draw >> 8) % uint256(type(Fault).max)));
        bool isAboutAck = fault == Fault.NoAck || fault == Fault.WrongAck;
        if (isOwn && isAboutAck) return Fault.Nothing;
    }

    function _nodeKey(uint32 nodeId) private pure returns (uint256) {
        return 100 + nodeId;
    }

    function _clientKey(uint32 clientId) private pure returns (uint256) {
        return 200 + clientId;
    }
}
