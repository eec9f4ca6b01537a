// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";
import {Stewarded} from "./Stewarded.sol";
import {TextLimits} from "./TextLimits.sol";

/// @title The registry's half about nodes
/// @author Orlop
/// @notice See `IRegistry`.
abstract contract NodeRegistry is Stewarded {
    using TextLimits for NodeProfile;

    /// @inheritdoc IRegistry
    uint32 public nodeCount;
    /// @inheritdoc IRegistry
    uint32 public masterNodeId;
    /// @inheritdoc IRegistry
    mapping(address account => uint32 nodeId) public nodeIdOf;

    mapping(uint32 nodeId => Node node) private _nodes;

    /// @inheritdoc IRegistry
    function registerNode(
        NodeProfile calldata profile,
        Tier tier
    ) external returns (uint32 nodeId) {
        profile.requireValid();
        if (tier == Tier.None) revert InvalidField("tier");
        nodeId = nodeIdOf[msg.sender];
        if (nodeId != 0) revert AccountInUse(msg.sender, nodeId);
        nodeId = ++nodeCount;
        nodeIdOf[msg.sender] = nodeId;
        Node storage entry = _nodes[nodeId];
        entry.account = msg.sender;
        entry.state = NodeState.Pending;
        entry.tier = tier;
        entry.lastSeen = uint64(block.timestamp);
        entry.freeBytes = profile.capacityBytes;
        entry.registeredAt = uint64(block.timestamp);
        entry.profile = profile;
        emit NodeRegistered(nodeId, msg.sender, tier, profile);
        if (isSteward(msg.sender)) _setNodeState(entry, nodeId, NodeState.Admitted, "");
    }

    /// @inheritdoc IRegistry
    function updateNode(NodeProfile calldata profile) external {
        profile.requireValid();
        (uint32 nodeId, Node storage entry) = _ownNode();
        entry.profile = profile;
        emit NodeUpdated(nodeId, profile);
    }

    /// @inheritdoc IRegistry
    function heartbeat(uint64 freeBytes) external {
        (uint32 nodeId, Node storage entry) = _ownNode();
        entry.lastSeen = uint64(block.timestamp);
        entry.freeBytes = freeBytes;
        emit Heartbeat(nodeId, freeBytes);
    }

    /// @inheritdoc IRegistry
    function admitNode(uint32 nodeId, string calldata reason) external onlyRole(STEWARD_ROLE) {
        Node storage entry = _existingNode(nodeId);
        bool isAllowed = entry.state == NodeState.Pending || entry.state == NodeState.Draining;
        _requireTransition(isAllowed, entry, nodeId, NodeState.Admitted);
        TextLimits.requireReason(reason);
        _setNodeState(entry, nodeId, NodeState.Admitted, reason);
    }

    /// @inheritdoc IRegistry
    function drainNode(uint32 nodeId, string calldata reason) external onlyRole(STEWARD_ROLE) {
        Node storage entry = _existingNode(nodeId);
        bool isAllowed = entry.state == NodeState.Admitted && nodeId != masterNodeId;
        _requireTransition(isAllowed, entry, nodeId, NodeState.Draining);
        TextLimits.requireReason(reason);
        _setNodeState(entry, nodeId, NodeState.Draining, reason);
    }

    /// @inheritdoc IRegistry
    function retireNode(uint32 nodeId, string calldata reason) external onlyRole(STEWARD_ROLE) {
        Node storage entry = _existingNode(nodeId);
        bool isAllowed = entry.state != NodeState.Retired && nodeId != masterNodeId;
        _requireTransition(isAllowed, entry, nodeId, NodeState.Retired);
        TextLimits.requireReason(reason);
        _setNodeState(entry, nodeId, NodeState.Retired, reason);
    }

    /// @inheritdoc IRegistry
    function setTier(
        uint32 nodeId,
        Tier tier,
        string calldata reason
    ) external onlyRole(STEWARD_ROLE) {
        Node storage entry = _existingNode(nodeId);
        if (tier == Tier.None) revert InvalidField("tier");
        TextLimits.requireReason(reason);
        emit NodeTierChanged(nodeId, entry.tier, tier, reason);
        entry.tier = tier;
    }

    /// @inheritdoc IRegistry
    function setMaster(uint32 nodeId) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (nodeId != 0 && _nodes[nodeId].state != NodeState.Admitted) {
            revert MasterNotAdmitted(nodeId);
        }
        uint32 former = masterNodeId;
        if (former != 0) _revokeRole(STEWARD_ROLE, _nodes[former].account);
        if (nodeId != 0) _grantRole(STEWARD_ROLE, _nodes[nodeId].account);
        masterNodeId = nodeId;
        emit MasterChanged(former, nodeId);
    }

    /// @inheritdoc IRegistry
    function node(uint32 nodeId) external view returns (Node memory) {
        return _existingNode(nodeId);
    }

    /// @inheritdoc IRegistry
    function nodes(uint32 fromId, uint32 count) external view returns (Node[] memory page) {
        if (fromId == 0 || fromId > nodeCount) return page;
        page = new Node[](Math.min(count, nodeCount - fromId + 1));
        for (uint32 i = 0; i < page.length; ++i) page[i] = _nodes[fromId + i];
    }

    /// @inheritdoc IRegistry
    function nodeStanding(uint32 nodeId) external view returns (address account, NodeState state) {
        Node storage entry = _nodes[nodeId];
        return (entry.account, entry.state);
    }

    /// @inheritdoc IRegistry
    function accountOf(uint32 nodeId) external view returns (address) {
        return _nodes[nodeId].account;
    }

    function _setNodeState(
        Node storage entry,
        uint32 nodeId,
        NodeState to,
        string memory reason
    ) private {
        emit NodeStateChanged(nodeId, entry.state, to, reason);
        entry.state = to;
    }

    function _ownNode() private view returns (uint32 nodeId, Node storage entry) {
        nodeId = nodeIdOf[msg.sender];
        entry = _nodes[nodeId];
        if (nodeId == 0) revert NotANode(msg.sender);
    }

    function _existingNode(uint32 nodeId) private view returns (Node storage entry) {
        entry = _nodes[nodeId];
        if (entry.state == NodeState.None) revert UnknownNode(nodeId);
    }

    function _requireTransition(
        bool isAllowed,
        Node storage entry,
        uint32 nodeId,
        NodeState to
    ) private view {
        if (!isAllowed) revert NodeTransitionRefused(nodeId, entry.state, to);
    }
}
