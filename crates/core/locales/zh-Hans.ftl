scope-openid = 下次认出您
scope-profile = 查看您的用户名
scope-email = 查看您的邮箱地址
scope-phone = 查看您的手机号码
scope-unknown = 使用“{ $scope }”
