scope-openid = 下次认出你
scope-profile = 查看你的用户名
scope-email = 查看你的邮箱地址
scope-phone = 查看你的手机号码
scope-unknown = 使用“{ $scope }”
